import { Failure } from "../failure.ts";

/** A field that does not fit, as the API names it. */
type Problem = { readonly path: string; readonly message: string };

/**
 * Does what may refuse fields, and tells each by `tell`, which knows the options that they come from.
 *
 * @throws what the deed throws, with such a message where it names fields
 */
export async function byFlags<Value>(
  deed: () => Promise<Value>,
  tell: (problem: Problem) => string,
): Promise<Value> {
  try {
    return await deed();
  } catch (error) {
    if (!(error instanceof Failure) || !Array.isArray(error.details.errors)) throw error;
    const problems: readonly Problem[] = error.details.errors;
    const [more] = /and \d+ more$/.exec(error.message) ?? [];
    const lines = [...new Set(problems.map(tell)), ...(more === undefined ? [] : [more])];
    throw new Failure(error.code, lines.join("; "), { cause: error, details: error.details });
  }
}
