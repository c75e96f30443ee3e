import { randomBytes } from "node:crypto";
import type { Call } from "./call.ts";
import { type FileKind, fileKindOf } from "./file-kind.ts";
import type { Settings } from "./settings.ts";

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

type UploadType = "image" | "voice" | "video" | "thumb";
/** `errcode` is the refusal of one that is too big. */
type Rule = { bytes: number; errcode: number; temporary: FileKind[]; permanent: FileKind[] };

const rules: Readonly<Record<UploadType, Rule>> = {
  image: {
    bytes: 10 * megabyte,
    errcode: 40009,
    temporary: ["jpg", "png", "gif"],
    permanent: ["bmp", "jpg", "png", "gif"],
  },
  voice: {
    bytes: 2 * megabyte,
    errcode: 40010,
    temporary: ["amr", "mp3"],
    permanent: ["mp3", "wma", "wav", "amr"],
  },
  video: { bytes: 10 * megabyte, errcode: 40011, temporary: ["mp4"], permanent: ["mp4"] },
  thumb: { bytes: 64 * kilobyte, errcode: 40012, temporary: ["jpg"], permanent: ["jpg"] },
};
const smallerImageBytes = 2 * megabyte;

/** The type, kind and size of a file that is uploaded, or the code to refuse it with (WECHAT.md section 2.1). */
export function readMediaFile(
  { query, upload }: Call,
  lasting: "temporary" | "permanent",
  contentLimits: Settings["contentLimits"],
) {
  const { type = "" } = query;
  if (!isUploadType(type)) return 40004;
  const file = upload?.files.media;
  if (file === undefined) return 41005;
  if (file.bytes.length === 0) return 44001;
  const { bytes, errcode, ...kinds } = rules[type];
  const most = type === "image" && contentLimits === "smaller" ? smallerImageBytes : bytes;
  if (file.bytes.length > most) return errcode;
  const kind = fileKindOf(file.bytes);
  if (kind === undefined || !kinds[lasting].includes(kind)) return 40005;
  return { type, kind, name: file.name, bytes: file.bytes.length };
}

/** On the host by which everybody knows WeChat's own pictures. */
export function imageAddress(kind: FileKind): string {
  return `http://mmbiz.qpic.cn/mmbiz_${kind}/${randomBytes(30).toString("base64url")}/0`;
}

function isUploadType(type: string): type is UploadType {
  return Object.hasOwn(rules, type);
}
