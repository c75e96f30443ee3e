import { articleAddress } from "./article-address.ts";
import { type Body, readId } from "./body.ts";
import type { Call, Handle } from "./call.ts";
import type { Job } from "./job.ts";
import { refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

/**
 * `mass/delete` (WECHAT.md section 2.5): one article of a message that was sent, or all of it, and with it
 * every message of the same material. What a second time gets is not written; here it is 40065, as the
 * message is no longer one that was sent.
 */
export const deleteMessage: Handle = (world: AccountWorld, { body }: Call) => {
  if (!body.ok) return refuse(body.errcode);
  const found = findMessage(world, body);
  if (found === undefined) return refuse(40059);
  const { job, articleIdx } = found;
  if (job.articles === 0 && job.msgtype !== "mpvideo" && job.msgtype !== "video") return refuse(40204);
  const parts = Math.max(1, job.articles);
  if (typeof articleIdx !== "number" || !Number.isInteger(articleIdx)) return refuse(40060);
  if (articleIdx < 0 || articleIdx > parts) return refuse(40060);
  if (job.status !== "SEND_SUCCESS") return refuse(40065);

  const going = articleIdx === 0 ? Array.from({ length: parts }, (_, at) => at + 1) : [articleIdx];
  for (const one of world.books.all()) {
    const same = one === job || (job.material !== undefined && one.material === job.material);
    if (!same || one.status !== "SEND_SUCCESS") continue;
    for (const index of going) one.deletedArticles.add(index);
    if (one.deletedArticles.size >= parts) one.status = "DELETE";
  }
  return refuse(0);
};

/** By `msg_id` and article, or only where there is none by the address of an article. */
function findMessage(
  { books }: AccountWorld,
  { value, text }: Extract<Body, { ok: true }>,
): { job: Job; articleIdx: unknown } | undefined {
  const { msg_id: given, url, article_idx: articleIdx = 0 } = value;
  if (given !== undefined) {
    const msgId = readId(text, "msg_id");
    const job = msgId === undefined ? undefined : books.find(msgId);
    return job && { job, articleIdx };
  }
  for (const job of books.all()) {
    for (let index = 1; index <= job.articles; index++) {
      if (articleAddress(job, index) === url) return { job, articleIdx: index };
    }
  }
  return undefined;
}
