const PIECE = 16_384;

/** A list, or an object's values with their names, that is being written; `at` is the place of the next one. */
type Open = {
  readonly values: readonly unknown[];
  readonly names: readonly string[] | undefined;
  at: number;
};

/**
 * JSON data as text, in pieces, the fields of each object sorted by name. Not by recursion, as JSON.stringify
 * works: a list that is nested a million levels deep costs two characters a level, and overflows any stack.
 */
export function* jsonText(data: unknown): Generator<string> {
  const open: Open[] = [];
  let text = "";
  const write = (value: unknown) => {
    if (typeof value !== "object" || value === null) {
      text += JSON.stringify(value) ?? "null";
      return;
    }
    text += Array.isArray(value) ? "[" : "{";
    open.push(Array.isArray(value) ? { values: value, names: undefined, at: 0 } : fieldsIn(value));
  };

  write(data);
  for (let inner = open[0]; inner; inner = open[open.length - 1]) {
    const at = inner.at++;
    if (at === inner.values.length) {
      text += inner.names ? "}" : "]";
      open.pop();
    } else {
      if (at > 0) text += ",";
      if (inner.names) text += `${JSON.stringify(inner.names[at])}:`;
      write(inner.values[at]);
    }
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield text;
}

/** A field without a value is left out, as JSON.stringify does it. */
function fieldsIn(object: object): Open {
  const fields = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { names: fields.map(([name]) => name), values: fields.map(([, value]) => value), at: 0 };
}
