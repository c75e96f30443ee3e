import type { ListDesk } from "../../src/cli/list-desk.ts";

const untouched = async (): Promise<never> => {
  throw new Error("a list was asked for");
};

/** In place of stored lists, for commands that have nothing to do with them. */
export const noLists: Omit<ListDesk, "accounts" | "clock"> = {
  lists: { store: untouched },
  readings: { find: untouched, list: untouched },
  removeList: untouched,
  startReading: untouched,
  doNotSend: { add: untouched, drop: untouched, list: untouched },
};

/** In place of WeChat's side of every account. */
export const noWechat = {
  wechatOf: (): never => {
    throw new Error("WeChat was asked");
  },
};

const not = async (): Promise<never> => {
  throw new Error("it was asked for");
};

/** In place of uploads, of campaigns, and of what operators do beside them. */
export const noOperations = { uploads: { store: not }, operate: {} as never, campaigns: {} as never };
