/**
 * Returns a line of Lua for each constant, to put before a script. JSON of plain ASCII texts and of
 * numbers is also Lua.
 */
export const luaConstants = (constants: Readonly<Record<string, string | number>>): readonly string[] =>
  Object.entries(constants).map(([name, value]) => `local ${name} = ${JSON.stringify(value)}`);
