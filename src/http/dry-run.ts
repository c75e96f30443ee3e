import { z } from "zod";
import { CampaignBody } from "../campaign/body.ts";
import { type DryRun, NotSentReason } from "../campaign/dry-run.ts";
import { AudienceCounts } from "../campaign/report.ts";
import { IsoTime, isoTime } from "./iso-time.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, readQuery } from "./query.ts";
import { documented } from "./route.ts";

const PlanView = z
  .object({
    audience: AudienceCounts.nullable().describe("Null where only WeChat knows who that is."),
    reason: NotSentReason.nullable().describe("Why nothing, or not everything, would go out."),
    calls: z.object({
      needed: z.int().nullable().describe("Null where the people have to be read first."),
      leftToday: z.int(),
    }),
    batches: z.array(
      z.object({
        number: z.int(),
        size: z.int().nullable(),
        at: IsoTime.nullable().describe("Null for one that would not go out by itself."),
      }),
    ),
    finishesAt: IsoTime.nullable(),
  })
  .meta({ id: "Plan", description: "What a campaign would do." });
type PlanView = z.infer<typeof PlanView>;

/** The plan without effect (docs/dry-run.md). `dryRun` throws BAD_CAMPAIGN for a body that is no campaign. */
export function createDryRunHandler(dryRun: (data: unknown) => Promise<DryRun>) {
  return documented(
    {
      id: "planCampaign",
      summary: "Tells what a campaign would do: nothing is sent or reserved.",
      tag: "Campaigns",
      body: CampaignBody,
      answers: { 200: PlanView },
      fails: ["BAD_CAMPAIGN", "AUDIENCE_LOST"],
    },
    async (c) => {
      readQuery(c, NoQuery);
      const { audience, reason, calls, batches, finishesAt } = await dryRun(await readJson(c.req.raw));
      return c.json({
        audience,
        reason,
        calls,
        batches: batches.map(({ number, size, at }) => ({ number, size, at: isoTime(at) })),
        finishesAt: isoTime(finishesAt),
      } satisfies PlanView);
    },
  );
}
