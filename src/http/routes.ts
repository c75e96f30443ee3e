import type { Handler } from "hono";
import type { DryRun } from "../campaign/dry-run.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Accounts } from "./account.ts";
import { createAudienceHandlers, type StoredLists } from "./audiences.ts";
import { type Callbacks, createCallbackHandlers } from "./callback.ts";
import { createCampaignHandlers } from "./campaigns.ts";
import { type CapReads, createCapHandlers } from "./caps.ts";
import { withDescription } from "./description.ts";
import { createDeskRoutes, type Desk } from "./desk-routes.ts";
import { createDoNotSendHandlers, type DoNotSendDesk } from "./do-not-send.ts";
import { createDryRunHandler } from "./dry-run.ts";
import { documentedEvents } from "./events.ts";
import { createExternalSendHandlers, type ExternalSends } from "./external-sends.ts";
import { createHealthHandlers, type Health } from "./health.ts";
import type { Ledger } from "./ledger.ts";
import { createMetricsHandler, type Scrape } from "./metrics.ts";
import { createMoveHandlers, type Moves } from "./moves.ts";
import { createNewCampaignHandler, type TakeIn } from "./new-campaigns.ts";
import { createQuotaHandler, type ReadQuota } from "./quota.ts";
import { createReviewRoutes } from "./review-routes.ts";
import type { ReviewDoor } from "./reviews.ts";
import { get, post, type Route, remove } from "./route.ts";
import { createUploadHandler, type KeepUpload } from "./uploads.ts";

export type RouteDeps<Event> = {
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly takeIn: TakeIn;
  readonly lists: StoredLists;
  readonly doNotSend: DoNotSendDesk;
  /** How long what is not used is kept. */
  readonly retentionMs: number;
  readonly readQuota: ReadQuota;
  readonly moves: Moves;
  /** What would become of a campaign. Throws BAD_CAMPAIGN. */
  readonly dryRun: (data: unknown) => Promise<DryRun>;
  readonly caps: CapReads;
  readonly externalSends: ExternalSends;
  readonly desk: Desk;
  readonly reviews: ReviewDoor;
  readonly keepUpload: KeepUpload;
  readonly callbacks: Callbacks<Event>;
  /** Server-sent events: `events.ts`. */
  readonly events: Handler;
  readonly health: Health;
  readonly scrape: Scrape;
  /** What a reverse proxy puts before every path; "" for nothing. */
  readonly basePath?: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The whole API. HEAD works where GET does, every other method is 405. */
export function createRoutes<Event>(deps: RouteDeps<Event>): readonly Route[] {
  const { accounts, ledger, readQuota, moves, dryRun, callbacks, health, clock, log } = deps;
  const audiences = createAudienceHandlers(deps.lists, deps);
  const doNotSend = createDoNotSendHandlers(deps.doNotSend, accounts);
  const caps = createCapHandlers(deps.caps, accounts, clock);
  const externalSends = createExternalSendHandlers(deps.externalSends, accounts, clock);
  const campaigns = createCampaignHandlers(ledger);
  const { campaign: moveCampaign, account: moveAccount } = createMoveHandlers(moves, accounts);
  const callback = createCallbackHandlers(callbacks, log);
  const { alive, ready } = createHealthHandlers(health);

  const of = "/v1/accounts/:account";

  return withDescription(
    [
      get("/v1/campaigns", "read", campaigns.list),
      post("/v1/campaigns", "send", createNewCampaignHandler(deps.takeIn)),
      post("/v1/campaigns/plan", "send", createDryRunHandler(dryRun)),
      get("/v1/campaigns/:id", "read", campaigns.show),
      get("/v1/campaigns/:id/batches", "read", campaigns.batches),
      get("/v1/campaigns/:id/recipients/:openid", "read", campaigns.recipient),
      post("/v1/campaigns/:id/pause", "send", moveCampaign("pause")),
      post("/v1/campaigns/:id/resume", "send", moveCampaign("resume")),
      post("/v1/campaigns/:id/cancel", "send", moveCampaign("cancel")),

      get("/v1/events", "read", documentedEvents(deps.events)),

      get("/v1/audiences", "read", audiences.list),
      post("/v1/audiences", "send", audiences.upload),
      get("/v1/audiences/:id", "read", audiences.show),
      remove("/v1/audiences/:id", "send", audiences.remove),
      post(`${of}/audiences`, "send", audiences.read),

      post(`${of}/pause`, "admin", moveAccount("pause")),
      post(`${of}/resume`, "admin", moveAccount("resume")),
      get(`${of}/quota`, "read", createQuotaHandler(readQuota, accounts)),
      get(`${of}/caps`, "read", caps.histogram),
      get(`${of}/caps/:openid`, "read", caps.show),
      get(`${of}/external-sends`, "read", externalSends.list),
      post(`${of}/external-sends`, "admin", externalSends.book),
      get(`${of}/do-not-send`, "read", doNotSend.list),
      post(`${of}/do-not-send`, "send", doNotSend.add),
      get(`${of}/do-not-send/:openid`, "read", doNotSend.show),
      remove(`${of}/do-not-send/:openid`, "send", doNotSend.remove),

      ...createDeskRoutes(deps.desk, accounts, clock),
      ...createReviewRoutes(deps.reviews, accounts),
      post("/v1/uploads", "send", createUploadHandler(deps.keepUpload, clock)),

      get("/wechat/:account/callback", "wechat", callback.verify),
      post("/wechat/:account/callback", "wechat", callback.receive),

      get("/healthz", "open", alive),
      get("/readyz", "open", ready),
      get("/metrics", "read", createMetricsHandler(deps.scrape)),
    ],
    deps,
  );
}
