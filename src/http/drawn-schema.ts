import { z } from "zod";
import { type CreateDocumentOptions, createSchema } from "zod-openapi";
import { Article, ContentMessage } from "../campaign/content.ts";
import { MediaSource, MediaUrl } from "../campaign/media-source.ts";
import { AnyButton } from "../campaign/menu.ts";
import { Message, PreviewMessage } from "../campaign/message.ts";

/**
 * Schemas that judge what others take as anything and hand on, so that an error says what was meant: those say by
 * which they are judged in their meta, as `like`.
 */
const judging = {
  Message,
  ContentMessage,
  PreviewMessage,
  Article,
  MediaSource,
  MediaUrl,
  MenuButton: AnyButton,
};

/** They, drawn as they come in. */
export function drawJudges() {
  const drawn = Object.entries(judging).map(([name, schema]) => [
    name,
    createSchema(schema, { io: "input", opts: drawing }).schema,
  ]);
  return Object.fromEntries(drawn);
}

type Drawn = {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: Record<string, unknown>;
  readonly io: "input" | "output";
};

/** How schemas become JSON Schema. */
export const drawing = {
  override: drawSchema,
  allowEmptySchema: { transform: { input: true } },
} satisfies CreateDocumentOptions;

/** Corrects what zod can't draw of a schema by itself. */
function drawSchema({ zodSchema, jsonSchema, io }: Drawn): void {
  drawLikeness(zodSchema, jsonSchema);
  leaveOutRefused(zodSchema, jsonSchema);
  // The pattern says no more than the format, in 300 characters.
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  // An answer may have more fields one day: that breaks nobody.
  if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

/** In the place of anything: what it is judged by. */
function drawLikeness(zodSchema: z.core.$ZodType, jsonSchema: Record<string, unknown>): void {
  const like = z.globalRegistry.get(zodSchema)?.like;
  delete jsonSchema.like;
  if (!Array.isArray(like)) return;
  const refs = like.map((schema) => {
    const [name] = Object.entries(judging).find(([, judge]) => judge === schema) ?? [];
    return { $ref: `#/components/schemas/${name}` };
  });
  for (const key of Object.keys(jsonSchema)) if (key !== "description") delete jsonSchema[key];
  if (refs.length === 1 && !jsonSchema.description) Object.assign(jsonSchema, refs[0]);
  else jsonSchema.anyOf = refs;
}

/** Kinds that are told apart only to be refused in better words. */
function leaveOutRefused(zodSchema: z.core.$ZodTypes, jsonSchema: Record<string, unknown>): void {
  delete jsonSchema.refused;
  const { def } = zodSchema._zod;
  if (def.type !== "union") return;
  for (const key of ["oneOf", "anyOf"]) {
    const options = jsonSchema[key];
    if (Array.isArray(options))
      jsonSchema[key] = options.filter((_, index) => !isRefused(def.options[index]));
  }
}

function isRefused(option: z.core.$ZodType | undefined): boolean {
  const def = (option as z.core.$ZodTypes | undefined)?._zod.def;
  return def?.type === "pipe" && z.globalRegistry.get(def.in)?.refused === true;
}
