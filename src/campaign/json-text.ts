const PIECE = 16_384;

/** A list or object that is being written: its values still to come, each behind what stands before it. */
type Open = { readonly rest: Iterator<readonly [before: string, value: unknown]>; readonly end: string };

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
    const isList = Array.isArray(value);
    text += isList ? "[" : "{";
    open.push({ rest: isList ? itemsOf(value) : fieldsOf(value), end: isList ? "]" : "}" });
  };

  write(data);
  for (let inner = open.at(-1); inner; inner = open.at(-1)) {
    const next = inner.rest.next();
    if (next.done) {
      text += inner.end;
      open.pop();
    } else {
      const [before, value] = next.value;
      text += before;
      write(value);
    }
    if (text.length < PIECE) continue;
    yield text;
    text = "";
  }
  yield text;
}

function* itemsOf(list: readonly unknown[]): Generator<readonly [string, unknown]> {
  for (let at = 0; at < list.length; at++) yield [at === 0 ? "" : ",", list[at]];
}

/** A field without a value is left out, as JSON.stringify does it. */
function* fieldsOf(object: object): Generator<readonly [string, unknown]> {
  let comma = "";
  for (const [name, value] of Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (value === undefined) continue;
    yield [`${comma}${JSON.stringify(name)}:`, value];
    comma = ",";
  }
}
