export type UploadedFile = { readonly name: string; readonly bytes: Uint8Array };
/** The fields and files of a multipart body, by name. */
export type Upload = {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, UploadedFile>>;
};

/** Undefined for a body that is no multipart form, or a broken one. */
export async function readUpload(bytes: Uint8Array, contentType: string): Promise<Upload | undefined> {
  if (!contentType.toLowerCase().startsWith("multipart/form-data")) return undefined;
  const response = new Response(new Uint8Array(bytes), { headers: { "Content-Type": contentType } });
  const form = await response.formData().catch(() => undefined);
  if (form === undefined) return undefined;
  const fields: Record<string, string> = {};
  const files: Record<string, UploadedFile> = {};
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
    else files[name] = { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) };
  }
  return { fields, files };
}
