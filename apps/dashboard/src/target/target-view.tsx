export function TargetView() {
  return <h1 className="text-xl font-semibold">TargetView</h1>;
}
