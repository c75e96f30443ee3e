import type { Language } from "./words.ts";

const english = {
  about: "files that campaigns bring: pictures, voices, videos",
  add: {
    about: "upload a file, 10 MB at most, for the campaigns of the next 24 hours",
    file: (formats: string) => `what WeChat takes: ${formats}`,
    tooLarge: (bytes: string) => `The file is larger than ${bytes} bytes.`,
    notTaken: (formats: string) => `The file is nothing that WeChat takes: ${formats}.`,
    rows: { uploadId: "upload id", type: "type", size: "bytes", expiresAt: "kept until" },
    after: [
      "",
      "In a campaign, or as the address upload:… in an article:",
      '  "message": { "msgtype": "image", "image": { "uploadId": "…" } }',
      "",
      "Example:",
      "  qunfa upload add poster.jpg",
    ],
  },
};
export type UploadsWords = typeof english;

const chinese: UploadsWords = {
  about: "群发要用的文件：图片、语音、视频",
  add: {
    about: "上传一个文件（不超过 10 MB），供 24 小时内的群发使用",
    file: (formats) => `微信接受的文件：${formats}`,
    tooLarge: (bytes) => `文件超过 ${bytes} 字节。`,
    notTaken: (formats) => `微信不接受这种文件，只接受：${formats}。`,
    rows: { uploadId: "上传编号", type: "类型", size: "字节", expiresAt: "保留到" },
    after: [
      "",
      "在群发里引用，或在图文里以 upload:… 作图片地址：",
      '  "message": { "msgtype": "image", "image": { "uploadId": "…" } }',
      "",
      "例：",
      "  qunfa upload add poster.jpg",
    ],
  },
};

export const uploadsWordsIn: Readonly<Record<Language, UploadsWords>> = { en: english, zh: chinese };
