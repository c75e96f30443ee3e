import type { Course } from "./course.ts";
import type { Job } from "./job.ts";

/** The plain nodes of a MASSSENDJOBFINISH, in WeChat's order (WECHAT.md section 6.3). */
export function massResultNodes(options: {
  to: string;
  from: string;
  createdAtSeconds: number;
  job: Job;
  course: Course;
}): string {
  const { to, from, createdAtSeconds, job, course } = options;
  const { total, filter, sent, error } = job.counts;
  const text = (value: string) => cdata(course.padded ? `\n        ${value}\n        ` : value);
  const nodes = [
    `<ToUserName>${cdata(to)}</ToUserName>`,
    `<FromUserName>${cdata(from)}</FromUserName>`,
    `<CreateTime>${createdAtSeconds}</CreateTime>`,
    `<MsgType>${cdata("event")}</MsgType>`,
    `<Event>${text("MASSSENDJOBFINISH")}</Event>`,
    `<MsgID>${job.msgId}</MsgID>`,
    `<Status>${text(course.status)}</Status>`,
    `<TotalCount>${total}</TotalCount>`,
    `<FilterCount>${filter}</FilterCount>`,
    `<SentCount>${sent}</SentCount>`,
    `<ErrorCount>${error}</ErrorCount>`,
  ];
  return [...nodes, ...(course.bare ? [] : resultNodes(job, course))].join("\n");
}

export function xml(...nodes: string[]): string {
  return `<xml>\n${nodes.join("\n")}\n</xml>`;
}

export function cdata(text: string): string {
  return `<![CDATA[${text}]]>`;
}

/** What the originality check found, and the address of the article. */
function resultNodes(job: Job, { status }: Course): string[] {
  const article = job.msgtype === "mpnews";
  const sent = article && status === "send success";
  const stopped = status === "err(30002)" ? 3 : status === "err(30003)" ? 2 : 0;
  const check =
    stopped === 0
      ? list([])
      : list([
          "<ArticleIdx>1</ArticleIdx><UserDeclareState>0</UserDeclareState><AuditState>2</AuditState>" +
            "<OriginalArticleUrl><![CDATA[http://mp.weixin.qq.com/s/original]]></OriginalArticleUrl>" +
            `<OriginalArticleType>1</OriginalArticleType><CanReprint>${stopped === 2 ? 1 : 0}</CanReprint>` +
            "<NeedReplaceContent>1</NeedReplaceContent><NeedShowReprintSource>1</NeedShowReprintSource>",
        ]);
  const url = cdata(`http://mp.weixin.qq.com/s?mid=${job.msgId}&idx=1`);
  return [
    `<CopyrightCheckResult>${check}<CheckState>${sent ? 1 : stopped}</CheckState></CopyrightCheckResult>`,
    `<ArticleUrlResult>${list(sent ? [`<ArticleIdx>1</ArticleIdx><ArticleUrl>${url}</ArticleUrl>`] : [])}</ArticleUrlResult>`,
  ];
}

function list(items: string[]): string {
  const all = items.map((item) => `<item>${item}</item>`).join("");
  return `<Count>${items.length}</Count><ResultList>${all}</ResultList>`;
}
