export function FleetView() {
  return <h1 className="text-xl font-semibold">FleetView</h1>;
}
