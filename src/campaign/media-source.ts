import { z } from "zod";
import { either } from "./either.ts";

export const UploadId = z.uuid("expected an uploadId of POST /v1/uploads");

/** Whether by http or https, and whether it may be asked at all, is told when it is fetched. */
export const MediaUrl = z
  .url({ protocol: /^https?$/, error: "expected an https address" })
  .max(2_048, "expected an address of 2048 characters at most");

/**
 * Where a picture, voice or video comes from: fetched from an address, or a file that was uploaded to qunfa. Never
 * a path, for the campaign may come from anywhere, and never the bytes themselves, for job data stays small.
 */
export const MediaSource = z
  .strictObject({ url: MediaUrl.optional(), uploadId: UploadId.optional() })
  .meta(either("url", "uploadId"))
  .transform(({ url, uploadId }, context) => oneSource(url, uploadId, context));
export type MediaSource = { readonly url: string } | { readonly uploadId: string };

/** The fields of a source, for what has others beside them. */
export const sourceFields = { url: MediaUrl.optional(), uploadId: UploadId.optional() };

/** The one source of two fields. */
export function oneSource(
  url: string | undefined,
  uploadId: string | undefined,
  context: z.core.$RefinementCtx,
): MediaSource {
  if (url !== undefined && uploadId === undefined) return { url };
  if (uploadId !== undefined && url === undefined) return { uploadId };
  context.addIssue({ code: "custom", message: "expected either url or uploadId" });
  return z.NEVER;
}

/** An address as HTML has it: `https://…`, or `upload:<uploadId>`; undefined for any other. */
export function readAddress(address: string): MediaSource | undefined {
  const upload = UploadId.safeParse(/^upload:(.*)$/.exec(address)?.[1]);
  if (upload.success) return { uploadId: upload.data };
  const url = MediaUrl.safeParse(address);
  return url.success ? { url: url.data } : undefined;
}
