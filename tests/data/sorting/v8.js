// Sorts arrays as lodash's sortBy does, each a line of JSON; prints the indexes of each in order.
const ascending = (a, b) => {
  if (a === b) return 0;
  if ((b !== null && a > b) || a === null) return 1;
  return (a !== null && a < b) || b === null ? -1 : 0;
};
const lines = require("fs").readFileSync(0, "utf8").trim().split("\n");
for (const line of lines) {
  const items = JSON.parse(line).map((value, index) => ({ value, index }));
  items.sort((a, b) => ascending(a.value, b.value) || a.index - b.index);
  console.log(JSON.stringify(items.map((item) => item.index)));
}
