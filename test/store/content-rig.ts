import { setTimeout as sleep } from "node:timers/promises";
import { Account } from "../../src/campaign/account.ts";
import { picturesIn } from "../../src/campaign/article-html.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { ContentMessage } from "../../src/campaign/content.ts";
import type { ReadyArticle } from "../../src/campaign/prepared.ts";
import { createContents } from "../../src/store/contents.ts";
import { createMediaMemory } from "../../src/store/media-memory.ts";
import { createUploads } from "../../src/store/uploads.ts";
import type { CountedReply } from "../../src/wechat/api.ts";
import type { ApiReply } from "../../src/wechat/api-reply.ts";
import { errcodeOf } from "../../src/wechat/errcodes.ts";
import type { TokenRefused } from "../../src/wechat/with-token.ts";
import { createContent, type MediaCalls } from "../../workers/content.ts";
import { fetcher } from "../fetch/web.ts";
import { account, type Rig } from "./rig.ts";

const MB = 1_048_576;
const refused = (errcode: number, message: string) =>
  ({ kind: "refused", error: { errcode, message } }) as const;

/** WeChat's media calls in small, by WECHAT.md section 2.1: what does not fit is refused as there. */
export function createStrictMedia() {
  const calls: string[] = [];
  const files = new Map<string, string>();
  const drafts = new Map<string, readonly ReadyArticle[]>();
  const faults: { readonly call: string; readonly reply: ApiReply<never> | TokenRefused }[] = [];
  let count = 0;

  async function answer<Value>(
    call: string,
    make: (id: string) => Value | ReturnType<typeof refused>,
  ): Promise<CountedReply<Value>> {
    calls.push(call);
    await sleep(2);
    const at = faults.findIndex((fault) => fault.call === call);
    const [fault] = at < 0 ? [] : faults.splice(at, 1);
    if (fault) return { ...fault.reply, requests: fault.reply.kind === "never-left" ? 0 : 1 };
    count += 1;
    const made = make(`${call}-${count}`);
    if (typeof made === "object" && made !== null && "kind" in made)
      return { ...(made as ReturnType<typeof refused>), requests: 1 };
    return { kind: "done", value: made as Value, requests: 1 };
  }

  const checkArticles = (articles: readonly ReadyArticle[]) => {
    for (const { content, thumbMediaId, title } of articles) {
      if (files.get(thumbMediaId) !== "thumb") return refused(40007, "invalid media_id");
      if (title.length > 32) return refused(45003, "title size out of limit");
      if (content.length >= 20_000) return refused(45002, "content size out of limit");
      if (picturesIn(content).some(({ source }) => source !== "wechat"))
        return refused(45166, "invalid content");
    }
    return undefined;
  };

  const media: MediaCalls = {
    uploadArticleImage: ({ bytes, name, contentType }) =>
      answer("uploadimg", (id) => {
        if (bytes.length >= MB) return refused(40009, "invalid image size");
        if (!/^image\/(jpeg|png)$/.test(contentType) || !/\.(jpg|png)$/.test(name))
          return refused(40005, "invalid file type");
        return { url: `http://mmbiz.qpic.cn/${id}/0?wx_fmt=a&from=b` };
      }),
    addPermanent: (type, { bytes, name }, video) =>
      answer(`add ${type}`, (mediaId) => {
        if (type === "thumb" && (bytes.length > 65_536 || !name.endsWith(".jpg")))
          return refused(40012, "invalid thumb size");
        if (bytes.length > 10 * MB) return refused(40006, "invalid meida size");
        if ((type === "video") !== (video !== undefined)) return refused(40035, "invalid parameter");
        files.set(mediaId, type);
        return { mediaId, ...(type === "image" && { url: "http://mmbiz.qpic.cn/x" }) };
      }),
    describeVideo: ({ mediaId }) =>
      answer("uploadvideo", (id) =>
        files.get(mediaId) === "video" ? { mediaId: id } : refused(40007, "invalid media_id"),
      ),
    addDraft: (articles) =>
      answer("draft", (mediaId) => {
        const wrong = checkArticles(articles);
        if (!wrong) drafts.set(mediaId, articles);
        return wrong ?? { mediaId };
      }),
    uploadNews: (articles) =>
      answer("uploadnews", (mediaId) => {
        const wrong = checkArticles(articles);
        if (!wrong) drafts.set(mediaId, articles);
        return wrong ?? { mediaId };
      }),
  };

  return {
    media,
    drafts,
    /** The calls so far, and none from then on until the next ones. */
    take: () => calls.splice(0),
    /** The next call of that name is answered so, without effect. */
    fail: (call: string, reply: ApiReply<never>) => void faults.push({ call, reply }),
    /** A person deletes all material in WeChat's console. */
    deleteAll: () => files.clear(),
  };
}

/** The worker's content on a ledger of the test's own. `hosts` may be fetched from. */
export function openContent(
  rig: Rig,
  { hosts = [] as string[], settings = {}, memoryBytes = 33_554_432 } = {},
) {
  const wechat = createStrictMedia();
  const contents = createContents(rig.redis, rig.keys);
  const uploads = createUploads(rig.redis, rig.keys);
  const memory = createMediaMemory(rig.redis, rig.keys);
  const notes: string[] = [];
  const acme = Account.parse({
    ...{ id: account, appid: "wx0123456789abcdef", secret: "s", kind: "service", token: "t" },
    ...settings,
  });
  const get = fetcher(hosts, { limitBytes: 10 * MB });
  const { prepare, renew } = createContent({
    mediaOf: () => wechat.media,
    memory,
    contents,
    units: rig.quotas,
    remedyOf: (errcode) => errcodeOf(errcode).remedy,
    clock: rig.clock,
    fetchUrl: (url, { limitBytes }) => get(url, limitBytes),
    readUpload: uploads.read,
    memoryBytes,
  });
  const ownerOf = (campaign: string) => ({ account: acme, campaign: campaign as CampaignId });
  return {
    ...{ wechat, contents, uploads, memory, notes },
    prepare: (campaign: string, message: unknown, options = {}) =>
      prepare(
        ownerOf(campaign),
        ContentMessage.parse(message),
        async (line) => void notes.push(line),
        options,
      ),
    renew: (campaign: string, prepared: Parameters<typeof renew>[1]) => renew(ownerOf(campaign), prepared),
    /** An upload of these bytes. */
    async upload(bytes: Buffer) {
      return (await uploads.store({ name: "a", type: "x", bytes }, rig.clock.now())).uploadId;
    },
  };
}
