import { blacklistCalls } from "./blacklist-calls.ts";
import { createDraftCalls } from "./draft-calls.ts";
import type { Mass } from "./mass.ts";
import { deleteMessage } from "./mass-delete.ts";
import { preview } from "./mass-preview.ts";
import { speedCalls } from "./mass-speed.ts";
import { createMaterialCalls } from "./material-calls.ts";
import { createMediaCalls } from "./media-calls.ts";
import { menuCalls } from "./menu-calls.ts";
import { qrcodeCalls } from "./qrcode-calls.ts";
import { createQuotaCalls } from "./quota-calls.ts";
import type { Settings } from "./settings.ts";
import { tagCalls } from "./tag-calls.ts";
import { createTokenCalls } from "./token-calls.ts";
import { userCalls } from "./user-calls.ts";
import type { Rooms } from "./wechat-api.ts";
import type { World } from "./world.ts";

/** Who answers which call. */
export function createRooms({
  world,
  mass,
  settings,
}: {
  world: World;
  mass: Mass;
  settings: Settings;
}): Rooms {
  const tokenCalls = createTokenCalls(world);
  const quotaCalls = createQuotaCalls({ world, limits: settings });
  return {
    token: tokenCalls.token,
    stable_token: tokenCalls.stableToken,
    "clear_quota/v2": quotaCalls.clearBySecret,
    ...quotaCalls.room,
    ...createMediaCalls(settings),
    ...createMaterialCalls(settings),
    ...createDraftCalls(settings),
    "mass/send": mass.send,
    "mass/sendall": mass.sendall,
    "mass/get": mass.get,
    "mass/preview": mass.perMinute(preview),
    "mass/delete": mass.perMinute(deleteMessage),
    "mass/speed/get": mass.perMinute(speedCalls["mass/speed/get"]),
    "mass/speed/set": mass.perMinute(speedCalls["mass/speed/set"]),
    ...userCalls,
    ...tagCalls,
    ...blacklistCalls,
    ...menuCalls,
    ...qrcodeCalls,
  };
}
