import type { Message } from "./message.ts";
import type { Prepared } from "./prepared.ts";

/** What of a campaign decides which message its next call carries. */
type Sending = {
  /** As its producer gave it; absent where content was given. */
  readonly message?: Message | undefined;
  readonly prepared?: Prepared | undefined;
  /** WeChat's name for the article message that the first accepted batch became. */
  readonly dataId?: string | undefined;
  /** Whether a batch has succeeded. */
  readonly delivered?: boolean | undefined;
  /** Media that WeChat does not know any more. */
  readonly spent?: readonly string[] | undefined;
};

/** The message as it was given, or what content has become; undefined while that is being prepared. */
export function ownMessage({ message, prepared }: Sending): Message | undefined {
  return prepared?.message ?? message;
}

/** A batch that is in doubt repeats what its call in doubt had carried. */
type Repeat = { readonly doubtSince?: number | undefined; readonly mediaId?: string | undefined };

/**
 * The message of a batch's next call; undefined while its content is being prepared.
 *
 * Articles: their first success uses a draft up, and whoever sends it again on another day would get another address
 * for the same article. Sent again by the msg_data_id of the first success it keeps its address (WECHAT.md section
 * 2.1). When a success is not known of yet, the draft is taken: until then it is there.
 */
export function messageFor(campaign: Sending, batch: Repeat = {}): Message | undefined {
  const message = ownMessage(campaign);
  if (message?.msgtype !== "mpnews") return message;
  const { media_id: own } = message.mpnews;
  const { dataId, delivered, spent = [] } = campaign;
  const again = dataId !== undefined && !spent.includes(dataId) && (delivered || spent.includes(own));
  const repeated =
    batch.doubtSince !== undefined && batch.mediaId !== undefined && !spent.includes(batch.mediaId);
  const media_id = repeated ? batch.mediaId : again ? dataId : own;
  return { msgtype: "mpnews", mpnews: { media_id } };
}

/** The one media_id that a message hangs on; undefined for texts and for several pictures. */
export function mediaIdIn(message: Message): string | undefined {
  switch (message.msgtype) {
    case "mpnews":
      return message.mpnews.media_id;
    case "mpvideo":
      return message.mpvideo.media_id;
    case "voice":
      return message.voice.media_id;
    case "image":
      return message.image?.media_id;
    default:
      return undefined;
  }
}
