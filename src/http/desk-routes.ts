import type { Clock } from "../clock.ts";
import type { MassDesk } from "../wechat/mass-desk.ts";
import type { QrCodes } from "../wechat/qrcode.ts";
import type { Tags } from "../wechat/tags.ts";
import type { Accounts } from "./account.ts";
import { createAccountQuotaHandlers, type QuotaDoor } from "./account-quota.ts";
import { createMenuHandlers, type MenuCalls } from "./menus.ts";
import { createPreviewHandler, type Preview } from "./previews.ts";
import { createQrCodeHandlers } from "./qrcodes.ts";
import { createRecallHandlers, type RecallDoor } from "./recalls.ts";
import { get, post, put, type Route, remove } from "./route.ts";
import { createSpeedHandlers } from "./speed.ts";
import { createTagsHandler } from "./tags.ts";

/** What operators do beside campaigns; `compose.ts` hands it over. */
export type Desk = {
  readonly preview: Preview;
  readonly recall: RecallDoor;
  readonly quota: QuotaDoor;
  readonly wechatOf: (account: string) => {
    readonly massDesk: Pick<MassDesk, "getSpeed" | "setSpeed">;
    readonly menus: MenuCalls;
    readonly qrCodes: Pick<QrCodes, "create" | "picture">;
    readonly tags: Pick<Tags, "list">;
  };
};

/** The calls of operators: previews, recall, speed, quota, menu, QR codes and tags. */
export function createDeskRoutes(desk: Desk, accounts: Accounts, clock: Clock): readonly Route[] {
  const { wechatOf } = desk;
  const recalls = createRecallHandlers(desk.recall);
  const quota = createAccountQuotaHandlers(desk.quota, accounts);
  const speed = createSpeedHandlers((id) => wechatOf(id).massDesk, accounts);
  const menus = createMenuHandlers((id) => wechatOf(id).menus, accounts);
  const codes = createQrCodeHandlers((id) => wechatOf(id).qrCodes, accounts, clock);
  const tags = createTagsHandler((id) => wechatOf(id).tags, accounts);
  const of = "/v1/accounts/:account";

  return [
    post("/v1/previews", "send", createPreviewHandler(desk.preview)),
    get("/v1/campaigns/:id/recall", "read", recalls.plan),
    post("/v1/campaigns/:id/recall", "send", recalls.recall),
    get(`${of}/speed`, "read", speed.get),
    put(`${of}/speed`, "admin", speed.set),
    post(`${of}/quota/refresh`, "admin", quota.refresh),
    post(`${of}/quota/clear`, "admin", quota.clear),
    get(`${of}/menu`, "read", menus.get),
    put(`${of}/menu`, "admin", menus.set),
    remove(`${of}/menu`, "admin", menus.remove),
    post(`${of}/menu/conditional`, "admin", menus.addConditional),
    remove(`${of}/menu/conditional/:menuid`, "admin", menus.removeConditional),
    post(`${of}/qrcodes`, "admin", codes.create),
    get(`${of}/qrcodes/:file`, "read", codes.picture),
    get(`${of}/tags`, "read", tags),
  ];
}
