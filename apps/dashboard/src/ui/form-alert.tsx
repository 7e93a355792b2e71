/** A problem with a form as a whole. Screen readers read it when it appears. */
export function FormAlert({ text }: { readonly text: string | null }) {
  return (
    <div role="alert" className="empty:hidden">
      {text !== null && (
        <p className="rounded-md border border-bad-fill bg-bad-wash px-3 py-2 break-words text-bad">{text}</p>
      )}
    </div>
  );
}
