import { z } from "zod";
import { formatNames, formatOf, MEDIA_MAX_BYTES } from "../campaign/media-rule.ts";
import { UploadId } from "../campaign/media-source.ts";
import type { Clock } from "../clock.ts";
import { Failure } from "../failure.ts";
import type { Uploads } from "../store/uploads.ts";
import { readBody } from "./body.ts";
import { IsoTime, isoTime } from "./iso-time.ts";
import { readQuery } from "./query.ts";
import { documented } from "./route.ts";

/** Where uploaded files go; `compose.ts` hands it over. */
export type KeepUpload = Uploads["store"];

/** What a form needs around its file. */
const FORM_BYTES = 65_536;
const WITHIN_MS = 120_000;

const Name = z
  .string()
  .min(1, "a name")
  .max(200, "at most 200 characters")
  .refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name), "text without control characters");
const UploadQuery = z.strictObject({ name: Name.optional() });

const TAKEN = /^\s*((image|audio|video)\/|application\/octet-stream\b|multipart\/form-data\b)/i;

type File = { readonly name: string | undefined; readonly bytes: Buffer };

const UploadView = z
  .object({
    uploadId: UploadId,
    size: z.int().describe("In bytes."),
    type: z.string(),
    sha256: z.string(),
    expiresAt: IsoTime,
  })
  .meta({ id: "Upload" });
type UploadView = z.infer<typeof UploadView>;

const Form = z.object({ media: z.string().meta({ format: "binary" }) });

/**
 * Takes one file of 10 MB at most for a campaign to come: the body as it is, or a form with it in the field `media`.
 * It is kept once it is all there, so that a connection that is cut leaves nothing. Its type is told by its bytes.
 */
export function createUploadHandler(keep: KeepUpload, clock: Clock) {
  return documented(
    {
      id: "uploadFile",
      summary: "Keeps a picture, voice or video of 10 MB at most for a campaign to come, for a day.",
      more: "The body as it is, with its own Content-Type, or a form. What it is, is told by its bytes.",
      tag: "Media",
      query: UploadQuery,
      body: {
        "image/*": null,
        "audio/*": null,
        "video/*": null,
        "application/octet-stream": null,
        "multipart/form-data": Form,
      },
      answers: { 201: UploadView },
    },
    async (c) => {
      const query = readQuery(c, UploadQuery);
      const { name, bytes } = await readFile(c.req.raw);
      if (bytes.length === 0) throw badFile("The file is empty.", "some bytes");
      if (bytes.length > MEDIA_MAX_BYTES)
        throw new Failure("TOO_LARGE", `The file is larger than ${MEDIA_MAX_BYTES} bytes.`);
      const format = formatOf(bytes);
      if (!format)
        throw new Failure("UNSUPPORTED_MEDIA_TYPE", `The file is nothing that WeChat takes: ${formatNames}.`);

      const { type } = format;
      const named = query.name ?? name ?? `upload.${format.extension}`;
      const { expiresAt, ...stored } = await keep({ name: named, type, bytes }, clock.now());
      return c.json({ ...stored, expiresAt: isoTime(expiresAt) } satisfies UploadView, 201);
    },
  );
}

/**
 * @throws Failure TOO_LARGE, TOO_SLOW, BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE for a form of another kind or a compressed
 *   body, INVALID_PARAMETER for a form without just one file
 */
async function readFile(request: Request): Promise<File> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^\s*(identity\s*)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the file without a Content-Encoding.");
  // Not what curl's --data-binary says by itself, which would be a form without a file.
  if (!TAKEN.test(contentType))
    throw new Failure(
      "UNSUPPORTED_MEDIA_TYPE",
      "Send the file with its own Content-Type, such as image/jpeg, or as multipart/form-data.",
    );
  const isForm = /^\s*multipart\/form-data\b/i.test(contentType);
  const limitBytes = MEDIA_MAX_BYTES + (isForm ? FORM_BYTES : 0);
  const body = await readBody(request, { limitBytes, withinMs: WITHIN_MS });
  return isForm ? fileIn(body, contentType) : { name: undefined, bytes: body };
}

async function fileIn(body: Buffer, contentType: string): Promise<File> {
  const form = await new Response(body, { headers: { "content-type": contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw new Failure("BAD_REQUEST", "The body is no multipart/form-data.", { cause });
    });
  const [file, ...more] = form.getAll("media");
  if (!file || typeof file === "string" || more.length > 0)
    throw badFile("The form has no file, or more than one.", "one file in the field media");
  const name = Name.safeParse(file.name);
  return { name: name.success ? name.data : undefined, bytes: Buffer.from(await file.arrayBuffer()) };
}

function badFile(message: string, expected: string): Failure {
  return new Failure("INVALID_PARAMETER", message, {
    details: { errors: [{ path: "media", message: `expected ${expected}` }] },
  });
}
