export function TaskView() {
  return <h1 className="text-xl font-semibold">TaskView</h1>;
}
