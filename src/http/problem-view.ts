import { z } from "zod";
import { type FailureCode, failures } from "../failure.ts";

/** An expected failure as RFC 9457 writes it, with what CONTRACT section 5 adds. */
export const ProblemView = z.object({
  type: z.string().describe("`urn:qunfa:failure:` and the code."),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("A sentence for a person: it may change."),
  code: z.string().describe("Stable: compare this."),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe("Each field that does not fit, 20 at most of a body; no value is repeated."),
  allowed: z.array(z.string()).optional().describe("The moves or methods that there are instead."),
  errcode: z.int().optional().describe("WeChat's, where it answered."),
  rid: z.string().optional().describe("WeChat's, where it answered."),
  reason: z.string().optional(),
  until: z.string().optional().describe("When it can be tried again."),
});

/** A header that an answer always has. */
export function describeHeader(description: string) {
  return { description, required: true, schema: { type: "string" as const } };
}

/** What failures of one status an operation may answer, in the words of OpenAPI. */
export function describeProblems(status: number, codes: readonly FailureCode[]) {
  const headers = {
    ...(status === 401 && { "WWW-Authenticate": describeHeader("How to be let in.") }),
    ...((status === 429 || status === 503) && { "Retry-After": describeHeader("In seconds.") }),
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${failures[code].title}.`).join("\n\n"),
    ...(Object.keys(headers).length > 0 && { headers }),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { properties: { status: { const: status }, code: { enum: [...codes] } } },
          ],
        },
      },
    },
  };
}
