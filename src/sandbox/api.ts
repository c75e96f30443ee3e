type ApiCall = {
  readonly verb: "GET" | "POST" | "any";
  /** Calls a day that WeChat grants a new account (WECHAT.md sections 2.4, 5 and 8); none is printed for the rest. */
  readonly daily?: number;
};

/** Every call that the sandbox answers. */
export const calls = {
  token: { verb: "GET", daily: 2000 },
  stable_token: { verb: "POST", daily: 500_000 },
  clear_quota: { verb: "POST" },
  "clear_quota/v2": { verb: "POST" },
  "openapi/quota/get": { verb: "POST" },

  "media/uploadimg": { verb: "POST", daily: 100_000 },
  "media/upload": { verb: "POST", daily: 100_000 },
  "media/uploadvideo": { verb: "POST" },
  "media/uploadnews": { verb: "POST", daily: 10 },
  "material/add_material": { verb: "POST" },
  "material/del_material": { verb: "POST" },
  "material/get_materialcount": { verb: "GET" },
  "material/batchget_material": { verb: "POST" },
  "draft/add": { verb: "POST", daily: 1000 },
  "draft/update": { verb: "POST", daily: 1000 },
  "draft/get": { verb: "POST", daily: 500 },
  "draft/delete": { verb: "POST", daily: 1000 },
  "draft/count": { verb: "GET", daily: 1000 },
  "draft/batchget": { verb: "POST", daily: 1000 },

  // Of these two the settings decide how many there are a day.
  "mass/sendall": { verb: "POST" },
  "mass/send": { verb: "POST" },
  "mass/get": { verb: "POST" },
  "mass/preview": { verb: "POST", daily: 100 },
  "mass/delete": { verb: "POST", daily: 10 },
  "mass/speed/get": { verb: "POST" },
  "mass/speed/set": { verb: "POST" },

  "user/get": { verb: "GET", daily: 500 },
  "user/info": { verb: "GET", daily: 5_000_000 },
  "user/info/batchget": { verb: "POST", daily: 5_000_000 },
  "user/info/updateremark": { verb: "POST", daily: 10_000 },
  // POST in the SDKs, GET on an older page.
  "user/tag/get": { verb: "any" },
  "tags/create": { verb: "POST", daily: 1000 },
  "tags/get": { verb: "GET", daily: 1000 },
  "tags/update": { verb: "POST", daily: 1000 },
  "tags/delete": { verb: "POST" },
  "tags/getidlist": { verb: "POST" },
  "tags/members/batchtagging": { verb: "POST", daily: 100_000 },
  "tags/members/batchuntagging": { verb: "POST", daily: 100_000 },
  "tags/members/getblacklist": { verb: "POST" },
  "tags/members/batchblacklist": { verb: "POST" },
  "tags/members/batchunblacklist": { verb: "POST" },

  "menu/create": { verb: "POST", daily: 1000 },
  "menu/get": { verb: "GET", daily: 10_000 },
  "menu/delete": { verb: "GET", daily: 1000 },
  "menu/addconditional": { verb: "POST", daily: 2000 },
  "menu/delconditional": { verb: "POST", daily: 2000 },
  "menu/trymatch": { verb: "POST", daily: 20_000 },
  get_current_selfmenu_info: { verb: "GET" },
  "qrcode/create": { verb: "POST", daily: 100_000 },
} as const satisfies Readonly<Record<string, ApiCall>>;

export type Api = keyof typeof calls;
export const apis = Object.keys(calls) as [Api, ...Api[]];

/** Below `/cgi-bin`, where the mass calls have one folder more. */
export function pathOf(api: Api): string {
  return api.startsWith("mass/") ? `/message/${api}` : `/${api}`;
}

export function verbOf(api: Api): ApiCall["verb"] {
  return calls[api].verb;
}

export function dailyCallsOf(api: Api): number | undefined {
  const call: ApiCall = calls[api];
  return call.daily;
}
