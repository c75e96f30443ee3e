import type { CampaignState } from "./campaign.ts";

type Words = Readonly<Record<CampaignState, string>>;

const english: Words = {
  scheduled: "scheduled",
  preparing: "preparing",
  sending: "sending",
  waiting: "waiting",
  paused: "paused",
  canceling: "canceling",
  completed: "completed",
  partly_completed: "partly completed",
  failed: "failed",
  canceled: "canceled",
};

const chinese: Words = {
  scheduled: "已排期",
  preparing: "准备中",
  sending: "发送中",
  waiting: "等待中",
  paused: "已暂停",
  canceling: "取消中",
  completed: "已完成",
  partly_completed: "部分完成",
  failed: "失败",
  canceled: "已取消",
};

/** What people call the states of a campaign, on pages and in the command alike. */
export const stateWordsIn: Readonly<Record<"en" | "zh", Words>> = { en: english, zh: chinese };
