export function TasksView() {
  return <h1 className="text-xl font-semibold">TasksView</h1>;
}
