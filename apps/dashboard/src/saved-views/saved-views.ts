import * as z from 'zod/mini';

/** Pages whose address has filters, with their paths. */
export const VIEW_PATHS = { fleet: '/', tasks: '/dashboard/tasks' } as const;
export type ViewPage = keyof typeof VIEW_PATHS;

const MAX_VIEWS = 100;
const MAX_NAME_CHARACTERS = 60;

const viewSchema = z.object({
  page: z.enum(['fleet', 'tasks']),
  name: z.string().check(z.minLength(1), z.maxLength(MAX_NAME_CHARACTERS)),
  /** Query of the address: empty, or such as `?status=offline`. */
  search: z.string().check(z.regex(/^(?:\?.*)?$/)),
});
/** Search, filters, order and columns of a page, under a name that is unique on that page. */
export type SavedView = Readonly<z.infer<typeof viewSchema>>;

/** Reads stored views. Leaves out what is not a view: another version may have stored it. */
export function parseViews(text: string | null): readonly SavedView[] {
  const stored = parseJson(text ?? '[]');
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((each) => viewSchema.safeParse(each).data ?? []);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Views change by name only, which identifies them on their page. */
export type ViewChange =
  | { readonly type: 'save'; readonly view: SavedView }
  | { readonly type: 'rename'; readonly view: SavedView; readonly name: string }
  | { readonly type: 'remove'; readonly view: SavedView };

/** Applies a change whose name has no issue. */
export function changeViews(views: readonly SavedView[], change: ViewChange): readonly SavedView[] {
  const isIt = ({ page, name }: SavedView) => page === change.view.page && name === change.view.name;
  switch (change.type) {
    case 'save':
      return [...views, change.view];
    case 'rename':
      return views.map((view) => (isIt(view) ? { ...view, name: change.name } : view));
    case 'remove':
      return views.filter((view) => !isIt(view));
    default:
      return change satisfies never;
  }
}

/** Finds out why a view cannot be saved under a name; `null`: it can. */
export function findNameIssue(views: readonly SavedView[], page: ViewPage, name: string): string | null {
  if (name === '') return 'Enter a name, such as Databases.';
  if (name.length > MAX_NAME_CHARACTERS) return `Use at most ${MAX_NAME_CHARACTERS} characters.`;
  if (views.some((view) => view.page === page && view.name === name)) {
    return 'A view has this name already. Choose another one.';
  }
  return views.length < MAX_VIEWS ? null : `There are ${MAX_VIEWS} views already. Remove one first.`;
}
