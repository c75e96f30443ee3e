import { articleAddress } from "./article-address.ts";
import type { Course } from "./course.ts";
import type { Job } from "./job.ts";

/** The nodes of a MASSSENDJOBFINISH that tell its job, in WeChat's order (WECHAT.md section 6.3). */
export function massResultNodes({ job, course }: { job: Job; course: Course }): string[] {
  const { total, filter, sent, error } = job.counts;
  const text = (value: string) => cdata(course.padded ? `\n        ${value}\n        ` : value);
  const nodes = [
    `<Event>${text("MASSSENDJOBFINISH")}</Event>`,
    `<MsgID>${job.msgId}</MsgID>`,
    `<Status>${text(course.status)}</Status>`,
    `<TotalCount>${total}</TotalCount>`,
    `<FilterCount>${filter}</FilterCount>`,
    `<SentCount>${sent}</SentCount>`,
    `<ErrorCount>${error}</ErrorCount>`,
  ];
  return course.bare ? nodes : [...nodes, ...resultNodes(job, course)];
}

export function xml(...nodes: string[]): string {
  return `<xml>\n${nodes.join("\n")}\n</xml>`;
}

export function cdata(text: string): string {
  return `<![CDATA[${text}]]>`;
}

/** What the originality check found, and the addresses of the articles. */
function resultNodes(job: Job, { status, reprinted }: Course): string[] {
  const sent = job.articles > 0 && status === "send success";
  const hit = reprinted || status === "err(30003)" ? 2 : status === "err(30002)" ? 3 : 0;
  const indexes = Array.from({ length: job.articles }, (_, at) => at + 1);
  const check = list(hit === 0 ? [] : indexes.map((index) => checkedArticle(index, hit)));
  const addresses = indexes.map(
    (index) =>
      `<ArticleIdx>${index}</ArticleIdx><ArticleUrl>${cdata(articleAddress(job, index))}</ArticleUrl>`,
  );
  const state = hit || (sent ? 1 : 0);
  return [
    `<CopyrightCheckResult>${check}<CheckState>${state}</CheckState></CopyrightCheckResult>`,
    `<ArticleUrlResult>${list(sent ? addresses : [])}</ArticleUrlResult>`,
  ];
}

function checkedArticle(index: number, state: 2 | 3): string {
  return (
    `<ArticleIdx>${index}</ArticleIdx><UserDeclareState>0</UserDeclareState><AuditState>2</AuditState>` +
    "<OriginalArticleUrl><![CDATA[http://mp.weixin.qq.com/s/original]]></OriginalArticleUrl>" +
    `<OriginalArticleType>1</OriginalArticleType><CanReprint>${state === 2 ? 1 : 0}</CanReprint>` +
    "<NeedReplaceContent>1</NeedReplaceContent><NeedShowReprintSource>1</NeedShowReprintSource>"
  );
}

function list(items: string[]): string {
  const all = items.map((item) => `<item>${item}</item>`).join("");
  return `<Count>${items.length}</Count><ResultList>${all}</ResultList>`;
}
