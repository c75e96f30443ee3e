import { followerOpenid, unfollowedOpenid } from "../src/sandbox/followers.ts";

/** What is wrong in the demo's list, beside 24,950 followers: the rest up to 25,000. */
const DUPLICATES = 20;
const MALFORMED = 10;
const UNFOLLOWED = 20;

/** A list as teams have them: followers of the sandbox, some twice, some gone, some never an OpenID. */
export function demoAudience(account: string, length = 25_000): string[] {
  const followers = length - DUPLICATES - MALFORMED - UNFOLLOWED;
  const of = (count: number, entry: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => entry(i));
  return [
    ...of(followers, (index) => followerOpenid(account, index)),
    ...of(DUPLICATES, (index) => followerOpenid(account, index * 7)),
    ...of(MALFORMED, (index) => `not an OpenID ${index}`),
    ...of(UNFOLLOWED, (index) => unfollowedOpenid(account, index)),
  ];
}
