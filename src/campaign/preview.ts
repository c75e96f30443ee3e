import { z } from "zod";
import { Failure } from "../failure.ts";
import { checkBody } from "./check-body.ts";
import { bringsContent } from "./content.ts";
import { either } from "./either.ts";
import { PreviewMessage } from "./message.ts";
import { OpenId } from "./openid.ts";
import { plainly } from "./plain-issue.ts";

const Message = z
  .unknown()
  .meta({ like: [PreviewMessage] })
  .transform((data, context): PreviewMessage => {
    const refuse = (message: string, path: string[] = []) => {
      context.addIssue({ code: "custom", message, path });
      return z.NEVER;
    };
    if (bringsContent(data))
      return refuse("not yet: content; give a media_id that WeChat knows, such as a draft's");
    if (typeof data === "object" && data !== null && "images" in data)
      return refuse("WeChat previews a single picture: put it into image", ["images"]);
    const parsed = PreviewMessage.safeParse(data, { error: plainly });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: data } as z.core.$ZodRawIssue);
    return z.NEVER;
  });

/** A message for one follower's eyes, and whose: the body of `POST /v1/previews` (WECHAT.md section 2.4). */
export const PreviewRequest = z
  .strictObject({
    account: z.string().min(1),
    message: Message,
    openid: OpenId.optional(),
    /** What people call a WeChat id. WeChat itself judges it (40132). */
    wxname: z
      .string()
      .regex(/^\S{1,64}$/, "expected a WeChat id")
      .optional(),
  })
  .refine(({ openid, wxname }) => (openid === undefined) !== (wxname === undefined), {
    message: "expected either openid or wxname",
    path: ["openid"],
  })
  .meta(either("openid", "wxname"));
export type PreviewRequest = z.infer<typeof PreviewRequest>;

/** @throws Failure INVALID_PARAMETER that names each wrong field (details: `errors`) and repeats no value */
export function parsePreview(data: unknown): PreviewRequest {
  const checked = checkBody(PreviewRequest, data);
  if (checked.success) return checked.data;
  const errors = checked.issues;
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new Failure("INVALID_PARAMETER", told, { details: { errors } });
}
