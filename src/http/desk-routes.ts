import type { Context } from "hono";
import { type PreviewRequest, parsePreview } from "../campaign/preview.ts";
import type { Clock } from "../clock.ts";
import type { MassDesk } from "../wechat/mass-desk.ts";
import type { QrCodes } from "../wechat/qrcode.ts";
import type { Tags } from "../wechat/tags.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { createAccountQuotaHandlers, type QuotaDoor } from "./account-quota.ts";
import { readJson } from "./json-body.ts";
import { createMenuHandlers, type MenuCalls } from "./menus.ts";
import { createQrCodeHandlers } from "./qrcodes.ts";
import { NoQuery, readQuery } from "./query.ts";
import { createRecallHandlers, type RecallDoor } from "./recalls.ts";
import type { Route } from "./route.ts";
import { createSpeedHandlers } from "./speed.ts";

/** What operators do beside campaigns; `compose.ts` hands it over. */
export type Desk = {
  readonly preview: (
    request: PreviewRequest,
  ) => Promise<{ readonly account: string; readonly msgId?: string; readonly left: number }>;
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
  const preview = async (c: Context) => {
    readQuery(c, NoQuery);
    return c.json(await desk.preview(parsePreview(await readJson(c.req.raw))));
  };
  const tags = async (c: Context) => {
    readQuery(c, NoQuery);
    return c.json({
      items: valueIn(await wechatOf(accountIn(c, accounts).id).tags.list()),
      nextCursor: null,
    });
  };
  const of = "/v1/accounts/:account";

  return [
    { method: "POST", path: "/v1/previews", access: "send", handler: preview },
    { method: "GET", path: "/v1/campaigns/:id/recall", access: "read", handler: recalls.plan },
    { method: "POST", path: "/v1/campaigns/:id/recall", access: "send", handler: recalls.recall },
    { method: "GET", path: `${of}/speed`, access: "read", handler: speed.get },
    { method: "PUT", path: `${of}/speed`, access: "admin", handler: speed.set },
    { method: "POST", path: `${of}/quota/refresh`, access: "admin", handler: quota.refresh },
    { method: "POST", path: `${of}/quota/clear`, access: "admin", handler: quota.clear },
    { method: "GET", path: `${of}/menu`, access: "read", handler: menus.get },
    { method: "PUT", path: `${of}/menu`, access: "admin", handler: menus.set },
    { method: "DELETE", path: `${of}/menu`, access: "admin", handler: menus.remove },
    { method: "POST", path: `${of}/menu/conditional`, access: "admin", handler: menus.addConditional },
    {
      method: "DELETE",
      path: `${of}/menu/conditional/:menuid`,
      access: "admin",
      handler: menus.removeConditional,
    },
    { method: "POST", path: `${of}/qrcodes`, access: "admin", handler: codes.create },
    { method: "GET", path: `${of}/qrcodes/:file`, access: "read", handler: codes.picture },
    { method: "GET", path: `${of}/tags`, access: "read", handler: tags },
  ];
}
