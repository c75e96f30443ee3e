import type { Batch } from "../campaign/batch.ts";
import type { Campaign, CampaignState } from "../campaign/campaign.ts";
import { nativeSegment } from "../campaign/segment.ts";
import { tellTrouble } from "../campaign/trouble-view.ts";
import { timesOf } from "../campaign/window.ts";
import type { CampaignView } from "./campaign-desk.ts";
import type { CampaignWords } from "./campaign-words.ts";
import { type Cell, type Colour, count, moment, oneLine, type Terminal, tableOf } from "./terminal.ts";

/** Batches that are shown with their campaign. */
const SHOWN = 20;

type Paint = Terminal["paint"];

const COLOURS: Readonly<Partial<Record<CampaignState | Batch["state"], Colour>>> = {
  completed: "green",
  succeeded: "green",
  waiting: "yellow",
  paused: "yellow",
  unknown: "yellow",
  partly_completed: "yellow",
  needs_review: "red",
  failed: "red",
  canceled: "red",
};

/** A state in the words of people; `between` them stands a blank, or what breaks the line. */
export function tellState(
  state: CampaignState,
  { states }: CampaignWords,
  paint: Paint,
  between: " " | "\n" = " ",
): Cell {
  const painted = states[state].split(" ").map((word) => paint(COLOURS[state], word));
  return { painted: painted.join(between) };
}

/** What a campaign waits for, in one line; "" where it waits for nothing. */
export function tellWaiting({ waitingFor }: CampaignView, { show }: CampaignWords): string {
  if (!waitingFor) return "";
  const { reason, until, ...trouble } = waitingFor;
  const told = tellTrouble(trouble);
  const what = told === "" ? reason : `${reason} (${told})`;
  return oneLine(until === null ? show.person(what) : show.until(what, moment(Date.parse(until))));
}

type Looked = { campaign: Campaign; batches: readonly Batch[]; view: CampaignView };

/** One campaign with its first batches. */
export function tellCampaign(
  { campaign, batches, view }: Looked,
  words: CampaignWords,
  paint: Paint,
): string {
  const { row, ...show } = words.show;
  const { id, account, name, state, progress, report } = view;
  const { planned, succeeded, failed, needsReview, canceled } = progress.batches;
  const closed = succeeded + failed + needsReview + canceled;
  const { received, admitted } = report?.audience ?? campaign.audience;
  const told = [
    show.batches(count(closed), count(planned)),
    ...(failed > 0 ? [paint("red", show.failed(count(failed)))] : []),
    ...(needsReview > 0 ? [paint("red", show.review(count(needsReview)))] : []),
  ];
  const { submitted, sent } = progress.recipients;
  const error = campaign.refused?.message ?? report?.reason ?? "";
  const rows: [string, Cell][] = [
    [row.id, id],
    [row.account, account],
    [row.name, name ?? ""],
    [row.state, tellState(state, words, paint)],
    [row.waits, tellWaiting(view, words)],
    [row.error, error],
    [row.created, moment(campaign.createdAt)],
    [row.starts, campaign.startAt === undefined ? "" : moment(campaign.startAt)],
    [row.window, tellWindow(campaign)],
    [row.deadline, campaign.deadline === undefined ? "" : moment(campaign.deadline)],
    [row.hold, campaign.hold === undefined ? "" : show.hold],
    [row.closed, campaign.closedAt === undefined ? "" : moment(campaign.closedAt)],
    [row.audience, nativeSegment(campaign) ? "" : show.audience(count(admitted), count(received))],
    [row.batches, { painted: told.join(", ") }],
    [row.recipients, show.recipients(count(submitted), count(sent))],
    [row.calls, count(batches.reduce((sum, { calls }) => sum + calls, 0))],
  ];
  const table = tableOf(
    rows.filter(([, value]) => value !== ""),
    ["left", "left"],
  );
  if (batches.length === 0) return table;
  const more = batches.length > SHOWN ? `\n${show.more(id)}` : "";
  return `${table}\n${tellBatches(batches.slice(0, SHOWN), words, paint)}${more}`;
}

/** Two times of the Shanghai day, in the form that `--window` takes. */
function tellWindow({ windowFrom, windowTo }: Campaign): string {
  if (windowFrom === undefined || windowTo === undefined) return "";
  const { from, to } = timesOf({ from: windowFrom, to: windowTo });
  return `${from}-${to}`;
}

export function tellBatches(
  batches: readonly Batch[],
  { batch: words }: CampaignWords,
  paint: Paint,
): string {
  const rows = batches.map(({ number, state, size, counts, calls, msgId, closedBy, ...batch }) => [
    count(number),
    { painted: paint(COLOURS[state], state) },
    size === 0 ? "" : count(size),
    ...(counts ? [count(counts.sent), count(counts.failed)] : ["", ""]),
    count(calls),
    msgId ?? "",
    closedBy ?? "",
    // Of one that a person has settled: what had brought it before them.
    tellTrouble(batch.reviewed ?? batch.trouble) || (batch.wait?.reason ?? ""),
  ]);
  return tableOf(
    [words.list.columns, ...rows],
    ["right", "left", "right", "right", "right", "right", "left", "left", "left"],
  );
}
