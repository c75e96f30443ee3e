import type { Handler } from "hono";
import type { DryRun } from "../campaign/dry-run.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Accounts } from "./account.ts";
import { createAudienceHandlers, type StoredLists } from "./audiences.ts";
import { type Callbacks, createCallbackHandlers } from "./callback.ts";
import { createCampaignHandlers } from "./campaigns.ts";
import { type CapReads, createCapHandlers } from "./caps.ts";
import { createDeskRoutes, type Desk } from "./desk-routes.ts";
import { createDoNotSendHandlers, type DoNotSendDesk } from "./do-not-send.ts";
import { createDryRunHandler } from "./dry-run.ts";
import { createExternalSendHandlers, type ExternalSends } from "./external-sends.ts";
import { createHealthHandlers, type Health } from "./health.ts";
import type { Ledger } from "./ledger.ts";
import { createMoveHandlers, type Moves } from "./moves.ts";
import { createNewCampaignHandler, type TakeIn } from "./new-campaigns.ts";
import { createQuotaHandler, type ReadQuota } from "./quota.ts";
import type { Route } from "./route.ts";
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
  readonly keepUpload: KeepUpload;
  readonly callbacks: Callbacks<Event>;
  /** Server-sent events: `events.ts`. */
  readonly events: Handler;
  readonly health: Health;
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

  return [
    { method: "POST", path: "/v1/audiences", access: "send", handler: audiences.upload },
    { method: "GET", path: "/v1/audiences", access: "read", handler: audiences.list },
    { method: "GET", path: "/v1/audiences/:id", access: "read", handler: audiences.show },
    { method: "DELETE", path: "/v1/audiences/:id", access: "send", handler: audiences.remove },
    { method: "POST", path: "/v1/accounts/:account/audiences", access: "send", handler: audiences.read },
    { method: "GET", path: "/v1/accounts/:account/do-not-send", access: "read", handler: doNotSend.list },
    { method: "POST", path: "/v1/accounts/:account/do-not-send", access: "send", handler: doNotSend.add },
    {
      method: "GET",
      path: "/v1/accounts/:account/do-not-send/:openid",
      access: "read",
      handler: doNotSend.show,
    },
    {
      method: "DELETE",
      path: "/v1/accounts/:account/do-not-send/:openid",
      access: "send",
      handler: doNotSend.remove,
    },

    { method: "GET", path: "/v1/campaigns", access: "read", handler: campaigns.list },
    {
      method: "POST",
      path: "/v1/campaigns",
      access: "send",
      handler: createNewCampaignHandler(deps.takeIn),
    },
    { method: "POST", path: "/v1/campaigns/plan", access: "send", handler: createDryRunHandler(dryRun) },
    { method: "GET", path: "/v1/campaigns/:id", access: "read", handler: campaigns.show },
    { method: "GET", path: "/v1/campaigns/:id/batches", access: "read", handler: campaigns.batches },
    {
      method: "GET",
      path: "/v1/campaigns/:id/recipients/:openid",
      access: "read",
      handler: campaigns.recipient,
    },

    { method: "GET", path: "/v1/events", access: "read", handler: deps.events },
    {
      method: "GET",
      path: "/v1/accounts/:account/quota",
      access: "read",
      handler: createQuotaHandler(readQuota, accounts),
    },
    { method: "POST", path: "/v1/campaigns/:id/pause", access: "send", handler: moveCampaign("pause") },
    { method: "POST", path: "/v1/campaigns/:id/resume", access: "send", handler: moveCampaign("resume") },
    { method: "POST", path: "/v1/campaigns/:id/cancel", access: "send", handler: moveCampaign("cancel") },
    { method: "POST", path: "/v1/accounts/:account/pause", access: "admin", handler: moveAccount("pause") },
    { method: "POST", path: "/v1/accounts/:account/resume", access: "admin", handler: moveAccount("resume") },
    { method: "GET", path: "/v1/accounts/:account/caps", access: "read", handler: caps.histogram },
    { method: "GET", path: "/v1/accounts/:account/caps/:openid", access: "read", handler: caps.show },
    {
      method: "GET",
      path: "/v1/accounts/:account/external-sends",
      access: "read",
      handler: externalSends.list,
    },
    {
      method: "POST",
      path: "/v1/accounts/:account/external-sends",
      access: "admin",
      handler: externalSends.book,
    },

    ...createDeskRoutes(deps.desk, accounts, clock),

    {
      method: "POST",
      path: "/v1/uploads",
      access: "send",
      handler: createUploadHandler(deps.keepUpload, clock),
    },

    { method: "GET", path: "/wechat/:account/callback", access: "wechat", handler: callback.verify },
    { method: "POST", path: "/wechat/:account/callback", access: "wechat", handler: callback.receive },

    { method: "GET", path: "/healthz", access: "open", handler: alive },
    { method: "GET", path: "/readyz", access: "open", handler: ready },
    { method: "GET", path: "/", access: "page", handler: (c) => c.redirect("/queues") },
  ];
}
