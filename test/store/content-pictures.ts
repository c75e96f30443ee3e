import type { Prepared } from "../../src/campaign/prepared.ts";
import { Failure } from "../../src/failure.ts";
import type { Made } from "../../workers/content-call.ts";
import { serveTls } from "../fetch/web.ts";
import { mediaFile } from "../support/media.ts";

const MB = 1_048_576;

/** A server of pictures by path; `files` may be changed while it serves. */
export async function servePictures() {
  const files: Record<string, Buffer> = {
    "/cover.jpg": mediaFile("jpg", 60_000, "cover"),
    "/1.png": mediaFile("png", 900_000, "1"),
    "/2.jpg": mediaFile("jpg", 2_000, "2"),
    "/3.png": mediaFile("png", 3 * MB, "3"),
    "/4.jpg": mediaFile("jpg", MB - 1, "4"),
    "/5.png": mediaFile("png", 5_000, "5"),
  };
  const web = await serveTls(({ url = "" }, response) => {
    const bytes = files[url.split("?")[0] ?? ""];
    if (bytes) response.setHeader("content-type", "image/png").end(bytes);
    else response.writeHead(404).end();
  });
  return { ...web, files };
}

type Pictures = Awaited<ReturnType<typeof servePictures>>;

/** Three articles with five pictures. */
export const threeOf = ({ url }: Pictures) => ({
  msgtype: "mpnews",
  articles: [
    {
      title: "One",
      author: "Author",
      digest: "Digest",
      content: `<p>群发 <img src="${url}/1.png"> &amp; <img alt="b" data-src='${url}/2.jpg'/></p>`,
      cover: { url: `${url}/cover.jpg` },
      sourceUrl: "https://a.example/",
      needOpenComment: 1,
    },
    {
      title: "Two",
      content: `<img src="${url}/3.png?key=secret"><img src="http://mmbiz.qpic.cn/own/0">`,
      cover: `${url}/cover.jpg`,
    },
    {
      title: "Three",
      content: `<img src="${url}/4.jpg"><img src="${url}/5.png">`,
      cover: `${url}/cover.jpg`,
    },
  ],
});

/** What was made at once. */
export function done(made: Made<Prepared>): Prepared {
  if (made.kind !== "done") throw new Error(`not done: ${JSON.stringify(made)}`);
  return made.value;
}

export function mediaIdOf({ message }: Prepared): string {
  return message.msgtype === "mpnews" ? message.mpnews.media_id : "";
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((error: unknown) => error);
  if (error instanceof Failure) return error;
  throw new Error(`no Failure: ${JSON.stringify(error)}`);
}
