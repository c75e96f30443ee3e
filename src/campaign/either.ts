/**
 * For `meta`: exactly one of these fields stands in an object. A refinement says so to nobody but zod, and the API's
 * description has to tell its readers, who may be programs.
 */
export function either(...names: readonly string[]) {
  return { oneOf: names.map((name) => ({ required: [name] })) };
}
