import type { Job } from "./job.ts";

/** Where an article of a message can be read, `index` from 1: msg_data_id is the link's `mid` (section 2.2). */
export function articleAddress({ msgDataId }: Pick<Job, "msgDataId">, index: number): string {
  return `http://mp.weixin.qq.com/s?__biz=sandbox&mid=${msgDataId}&idx=${index}#rd`;
}
