import { describe, expect } from "vitest";
import { isSendable, type Prepared } from "../../src/campaign/prepared.ts";
import { Failure } from "../../src/failure.ts";
import type { Made } from "../../workers/content-call.ts";
import { serveTls } from "../fetch/web.ts";
import { mediaFile } from "../support/media.ts";
import { openContent } from "./content-rig.ts";
import { hour, minute, test } from "./rig.ts";

const MB = 1_048_576;

/** A server of pictures by path; `files` may be changed while it serves. */
async function servePictures() {
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
const threeOf = ({ url }: Pictures) => ({
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

function done(made: Made<Prepared>): Prepared {
  if (made.kind !== "done") throw new Error(`not done: ${JSON.stringify(made)}`);
  return made.value;
}

function mediaIdOf({ message }: Prepared): string {
  return message.msgtype === "mpnews" ? message.mpnews.media_id : "";
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((error: unknown) => error);
  if (error instanceof Failure) return error;
  throw new Error(`no Failure: ${JSON.stringify(error)}`);
}

const uploadedAll = ["add thumb", ...Array(5).fill("uploadimg")];

describe("a campaign of three articles with five pictures", () => {
  test("is refused with the address and size of the one of 3 MB, before anything is uploaded", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host] });
    const failure = await failureOf(content.prepare("offer", threeOf(pictures)));
    expect(failure.code).toBe("CONTENT_REFUSED");
    expect(failure.message).toBe(
      `message.articles.1.content: picture 1: ${pictures.url}/3.png?…: it has 3145728 bytes, and 1048575 bytes are the most`,
    );
    expect(content.wechat.take()).toEqual([]);
  });

  test("is refused with every file that does not fit, each with its place, address and size", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/cover.jpg"] = mediaFile("jpg", 65_537);
    pictures.files["/1.png"] = mediaFile("webp");
    pictures.files["/5.png"] = Buffer.alloc(0);
    delete pictures.files["/2.jpg"];
    const content = openContent(rig, { hosts: [pictures.host] });
    const failure = await failureOf(content.prepare("offer", threeOf(pictures)));
    const at = pictures.url;
    expect(failure.details.errors).toEqual([
      {
        path: "message.articles.0.cover",
        message: `${at}/cover.jpg: it has 65537 bytes, and 65536 bytes are the most`,
      },
      {
        path: "message.articles.0.content: picture 1",
        message: `${at}/1.png: it is of no format known here, and WeChat takes jpg, png as picture`,
      },
      { path: "message.articles.0.content: picture 2", message: `${at}/2.jpg: its server answered 404` },
      {
        path: "message.articles.1.content: picture 1",
        message: `${at}/3.png?…: it has 3145728 bytes, and 1048575 bytes are the most`,
      },
      { path: "message.articles.2.content: picture 2", message: `${at}/5.png: it is empty` },
    ]);
    expect(content.wechat.take()).toEqual([]);
  });

  test("becomes a draft whose pictures are WeChat's, each uploaded once", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const prepared = done(await content.prepare("offer", threeOf(pictures)));
    expect(content.wechat.take().sort()).toEqual([...uploadedAll, "draft"].sort());
    expect(prepared).toEqual({
      as: "draft",
      message: { msgtype: "mpnews", mpnews: { media_id: "draft-7" } },
    });
    const picture = (number: number) => `http://mmbiz.qpic.cn/uploadimg-${number}/0?wx_fmt=a&amp;from=b`;
    const draft = content.wechat.drafts.get("draft-7");
    expect(draft).toEqual([
      {
        title: "One",
        author: "Author",
        digest: "Digest",
        content: `<p>群发 <img src="${picture(2)}"> &amp; <img alt="b" src="${picture(3)}"/></p>`,
        thumbMediaId: "add thumb-1",
        sourceUrl: "https://a.example/",
        needOpenComment: 1,
      },
      {
        title: "Two",
        content: `<img src="${picture(4)}"><img src="http://mmbiz.qpic.cn/own/0">`,
        thumbMediaId: "add thumb-1",
      },
      {
        title: "Three",
        content: `<img src="${picture(5)}"><img src="${picture(6)}">`,
        thumbMediaId: "add thumb-1",
      },
    ]);
    expect(content.notes).toEqual(["Content: 6 files, 6 of them uploaded now."]);
  });

  test("uploads nothing again for another campaign, nor after a crash at any call", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const lost = { kind: "unclear", error: { message: "lost" } } as const;
    for (const call of ["add thumb", "uploadimg", "draft"]) content.wechat.fail(call, lost);
    const trouble = { code: "IN_DOUBT", message: "lost" };
    for (let stopped = 0; stopped < 3; stopped++)
      expect(await content.prepare("offer", threeOf(pictures))).toEqual({ kind: "again", trouble });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(content.wechat.take().sort()).toEqual(
      [...uploadedAll, "draft", "add thumb", "uploadimg", "draft"].sort(),
    );

    const second = done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["draft"]);
    expect(mediaIdOf(second)).not.toBe(mediaIdOf(first));
    expect(content.notes.at(-1)).toBe("Content: 6 files, 0 of them uploaded now.");
  });

  test("has a draft of its own for every batch, the same one, though its pictures be gone", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(isSendable(first, { now: rig.clock.now(), usedUp: false })).toBe(true);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(false);
    for (const path of Object.keys(pictures.files)) delete pictures.files[path];
    content.wechat.take();
    rig.clock.advance(100 * hour);
    const next = done(await content.renew("offer", first));
    expect(content.wechat.take()).toEqual(["draft"]);
    expect(mediaIdOf(next)).not.toBe(mediaIdOf(first));
    expect(content.wechat.drafts.get(mediaIdOf(next))).toEqual(content.wechat.drafts.get(mediaIdOf(first)));
    expect((await failureOf(content.renew("unknown", first))).code).toBe("CONTENT_REFUSED");
  });

  test("is read twice where it does not fit into memory, and uploaded the same", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], memoryBytes: 0 });
    done(await content.prepare("offer", threeOf(pictures)));
    expect(pictures.seen).toHaveLength(12);
    expect(content.wechat.take().sort()).toEqual([...uploadedAll, "draft"].sort());
  });

  test("waits where a server is busy, and is refused if another file does not fit", async ({ rig }) => {
    const busy = await serveTls((_, response) => response.writeHead(503).end());
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host, busy.host] });
    const articleOf = (...paths: string[]) => ({
      msgtype: "mpnews",
      articles: [
        {
          title: "One",
          content: paths.map((path) => `<img src="${path}">`).join(""),
          cover: `${pictures.url}/cover.jpg`,
        },
      ],
    });
    expect(await content.prepare("offer", articleOf(`${busy.url}/a.png`))).toEqual({
      kind: "again",
      trouble: { code: "FETCH_FAILED", message: `${busy.url}/a.png: its server answered 503` },
    });
    const failure = await failureOf(
      content.prepare("offer", articleOf(`${busy.url}/a.png`, `${pictures.url}/3.png`)),
    );
    expect(failure.details.errors).toHaveLength(1);
    expect(content.wechat.take()).toEqual([]);
  });

  test("is refused when its pictures' new addresses make an article too long", async ({ rig }) => {
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host] });
    const id = await content.upload(mediaFile("png"));
    const html = `<img src="upload:${id}">`;
    const articles = [
      { title: "One", content: html + "x".repeat(19_999 - html.length), cover: `${pictures.url}/cover.jpg` },
    ];
    const failure = await failureOf(content.prepare("offer", { msgtype: "mpnews", articles }));
    expect(failure.message).toMatch(
      /^message\.articles\.0\.content: with its pictures' new addresses it has \d+ characters, and 19999 are the most$/,
    );
  });

  test("may have private addresses in it only where they are excepted", async ({ rig }) => {
    const pictures = await servePictures();
    const failure = await failureOf(openContent(rig).prepare("offer", threeOf(pictures)));
    expect(failure.details.errors).toHaveLength(6);
    expect(failure.message).toContain("it is not a public address");
    expect(pictures.seen).toEqual([]);
  });
});

describe("material that a person has deleted at WeChat", () => {
  test("is uploaded anew, once, though it be remembered", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    done(await content.prepare("offer", threeOf(pictures)));
    content.wechat.deleteAll();
    content.wechat.take();
    done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["draft", "add thumb", "draft"]);
  });

  test("and is refused again ends the campaign, with WeChat's words", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    done(await content.prepare("offer", threeOf(pictures)));
    const gone = {
      kind: "refused",
      error: { errcode: 40007, message: "invalid media_id", rid: "1-2" },
    } as const;
    for (let time = 0; time < 2; time++) content.wechat.fail("draft", gone);
    const failure = await failureOf(content.prepare("another", threeOf(pictures)));
    expect(failure.message).toBe("message: WeChat refused it: invalid media_id (40007)");
    expect(failure.details).toMatchObject({ errcode: 40007, rid: "1-2" });
  });

  test("is uploaded anew when a send has told so", async ({ rig }) => {
    const content = openContent(rig);
    const message = { msgtype: "voice", voice: { uploadId: await content.upload(mediaFile("mp3")) } };
    const first = done(await content.prepare("offer", message));
    const again = done(await content.prepare("offer", message));
    expect(again).toEqual(first);
    const anew = done(await content.prepare("offer", message, { anew: true }));
    expect(anew).not.toEqual(first);
    expect(content.wechat.take()).toEqual(["add voice", "add voice"]);
  });
});

describe("uploadnews, where the account is set to it", () => {
  const settings = { articles: "uploadnews" };

  test("is called once a campaign and three days, crash or not, and used for all batches", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], settings });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(first).toMatchObject({ as: "news", until: rig.clock.now() + 60 * hour });
    expect(done(await content.prepare("offer", threeOf(pictures)))).toEqual(first);
    expect(content.wechat.take().filter((call) => call === "uploadnews")).toHaveLength(1);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(true);

    rig.clock.advance(60 * hour);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: false })).toBe(false);
    const next = done(await content.renew("offer", first));
    expect(content.wechat.take()).toEqual(["uploadnews"]);
    expect(mediaIdOf(next)).not.toBe(mediaIdOf(first));
    expect(mediaIdOf(done(await content.renew("offer", next)))).not.toBe(mediaIdOf(next));
  });

  test("waits for tomorrow when the day's calls are used up, and has counted each", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const limits = { uploadNewsPerDay: 2 };
    const content = openContent(rig, { hosts: [pictures.host], settings: { ...settings, limits } });
    const lost = { kind: "unclear", error: { message: "lost" } } as const;
    content.wechat.fail("uploadnews", lost);
    expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({ kind: "again" });
    done(await content.prepare("offer", threeOf(pictures)));
    rig.clock.advance(minute);
    const waiting = { reason: "daily-quota", until: new Date("2031-03-05T00:00:00+08:00").getTime() };
    expect(await content.prepare("another", threeOf(pictures))).toEqual({ kind: "wait", waiting });
    content.wechat.take();
    rig.clock.set("2031-03-05T00:00:00+08:00");
    done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["uploadnews"]);
  });

  test("that WeChat says is spent is not called again that day; one that never left costs nothing", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], settings });
    content.wechat.fail("uploadnews", { kind: "never-left", error: { message: "refused" } });
    expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({ kind: "again" });
    expect(await rig.redis.hget(rig.keys.quota("acme", "2031-03-04"), "units:uploadNews")).toBe("0");
    const error = { errcode: 45009, message: "reach max api daily quota limit" };
    content.wechat.fail("uploadnews", { kind: "not-now", wait: "day", error });
    const until = new Date("2031-03-05T00:00:00+08:00").getTime();
    for (const calls of [["uploadnews"], []]) {
      content.wechat.take();
      expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({
        kind: "wait",
        waiting: { reason: "daily-quota", until },
      });
      expect(content.wechat.take()).toEqual(calls);
    }
  });
});
