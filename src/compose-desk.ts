import { createPersonCall } from "../workers/person-call.ts";
import { createPreview } from "../workers/preview.ts";
import { createQuotaDesk } from "../workers/quota-desk.ts";
import { createRecall } from "../workers/recall.ts";
import { createRecallMessage } from "../workers/recall-message.ts";
import { createRecallSharing } from "../workers/recall-sharing.ts";
import type { Account } from "./campaign/account.ts";
import type { Clock } from "./clock.ts";
import type { openWechat } from "./compose-wechat.ts";
import { createAudits } from "./store/audits.ts";
import type { Batches } from "./store/batches.ts";
import type { Campaigns } from "./store/campaigns.ts";
import type { BatchAddress, Keys } from "./store/keys.ts";
import { createQuotaCorrections } from "./store/quota-corrections.ts";
import { createQuotas } from "./store/quotas.ts";
import { createRecalls } from "./store/recalls.ts";
import type { RedisClient } from "./store/script.ts";
import { errcodeOf } from "./wechat/errcodes.ts";

type Parts = {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly wechatOf: ReturnType<typeof openWechat>;
  readonly wakeBatch: (address: BatchAddress) => Promise<unknown>;
  readonly settings: { readonly sendTimeoutMs: number };
};

/** What operators do with an account beside its campaigns, whoever asks: the server, or a command. */
export function createDesk(parts: Parts) {
  const { redis, keys, clock, wechatOf, settings } = parts;
  const quotas = createQuotas(redis, keys);
  const call = createPersonCall({ units: quotas, clock });
  const massDeskOf = (account: string) => wechatOf(account).massDesk;
  const audit = createAudits(redis, keys).note;
  const shared = { ...parts, call, massDeskOf, audit, readQuota: quotas.read };
  return {
    wechatOf,
    preview: createPreview(shared),
    recall: createRecall({
      ...shared,
      sharing: createRecallSharing(parts),
      recallMessage: createRecallMessage({
        ...{ ...shared, ...settings },
        recalls: createRecalls(redis, keys),
        massOf: (account) => wechatOf(account).mass,
        remedyOf: (errcode) => errcodeOf(errcode).remedy,
      }),
    }),
    quota: createQuotaDesk({
      ...shared,
      apiQuotaOf: (account) => wechatOf(account).apiQuota,
      corrections: createQuotaCorrections(redis, keys, parts.batches),
    }),
  };
}
