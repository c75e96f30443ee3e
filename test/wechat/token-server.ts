import { bodyOf, openHttp } from "./servers.ts";

export type TokenRequest = { grant_type: string; appid: string; secret: string; force_refresh?: boolean };

/**
 * WeChat's stable_token as far as these tests need it: the same token while it is asked in normal mode, a
 * new one by force or when `rotate` says so. `answer` may say anything else instead.
 */
export async function openTokenServer() {
  const requests: TokenRequest[] = [];
  const state = {
    number: 1,
    expiresIn: 7200,
    /** Whether a forced refresh is heeded. */
    heedsForce: true,
    answer: undefined as (() => string | Promise<string>) | undefined,
  };
  const server = await openHttp(async (request, response) => {
    const body: TokenRequest = JSON.parse(await bodyOf(request));
    requests.push(body);
    if (body.force_refresh && state.heedsForce) state.number += 1;
    const usual = JSON.stringify({ access_token: `token-${state.number}`, expires_in: state.expiresIn });
    response.end(state.answer ? await state.answer() : usual);
  });
  return { ...server, requests, state };
}
