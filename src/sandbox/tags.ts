import type { Followers } from "./followers.ts";

const firstOwnId = 100;

type Tag = {
  readonly id: number;
  name: string;
  /** When each was tagged, as a number that rises. */
  readonly members: Map<string, number>;
};

export type Tags = ReturnType<typeof createTags>;

/**
 * The tags of one account (WECHAT.md section 7). There from the start: the system's tag 2 without anybody,
 * 100 with every tenth follower, 101 with the youngest fifth of them, 102 with nobody.
 */
export function createTags(followers: Followers) {
  const tags = new Map<number, Tag>();
  let lastId = firstOwnId - 1;
  let taggings = 0;

  const create = (name: string, id = ++lastId): Tag => {
    const tag = { id, name, members: new Map<string, number>() };
    tags.set(id, tag);
    return tag;
  };
  const add = ({ members }: Tag, openid: string) => {
    if (!members.has(openid)) members.set(openid, ++taggings);
  };

  create("星标组", 2);
  const [loyal, young] = [create("VIP"), create("新关注")];
  create("空标签");
  const { openids } = followers;
  for (const [index, openid] of openids.entries()) {
    if (index % 10 === 0) add(loyal, openid);
    if (index >= openids.length * 0.8) add(young, openid);
  }

  return {
    list: (): readonly Tag[] => [...tags.values()],
    find: (id: number): Tag | undefined => tags.get(id),
    named: (name: string): Tag | undefined => [...tags.values()].find((tag) => tag.name === name),
    create: (name: string): Tag => create(name),
    delete: (id: number): void => {
      tags.delete(id);
    },
    add,
    /** Of one person, the first that was given first. */
    of: (openid: string): number[] =>
      [...tags.values()]
        .flatMap(({ id, members }) => ({ id, at: members.get(openid) ?? 0 }))
        .filter(({ at }) => at > 0)
        .sort((one, other) => one.at - other.at)
        .map(({ id }) => id),
    /** Whoever unfollows loses every tag. */
    forget(openid: string): void {
      for (const { members } of tags.values()) members.delete(openid);
    },
  };
}
