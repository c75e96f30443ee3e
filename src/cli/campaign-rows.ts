import type { CampaignView } from "./campaign-desk.ts";
import { tellState } from "./campaign-table.ts";
import type { CampaignWords } from "./campaign-words.ts";
import { columnsOf } from "./help.ts";
import { type Cell, count, isTerminal, moment, oneLine, type Terminal, tableOf } from "./terminal.ts";

type Row = { readonly createdAt: number; readonly view: CampaignView };

/** A name that is cut shorter than this says nothing. */
const NAME_MIN = 12;

/**
 * A page of campaigns. On a terminal too narrow for it names are cut, and where that is not enough, what is no number
 * goes below the id: an id is what other commands take, and stays whole.
 */
export function tellCampaigns(
  rows: readonly Row[],
  words: CampaignWords,
  { paint, stdout }: Pick<Terminal, "paint" | "stdout">,
): string {
  const names = rows.map(({ view }) => oneLine(view.name ?? ""));
  const longest = Math.max(...names.map(columnsOf));
  const width = (isTerminal(stdout) && stdout.columns) || Number.POSITIVE_INFINITY;
  const wide = tellWide(longest);
  const over = widthOf(wide) - width;
  if (over <= 0) return wide;
  return longest - over >= NAME_MIN ? tellWide(longest - over) : tellNarrow();

  function tellWide(room: number): string {
    const lines = rows.map(({ createdAt, view: { id, account, state, progress } }, at) => [
      ...[id, account, tellState(state, words, paint)],
      ...[`${progress.percent}%`, count(progress.recipients.sent), moment(createdAt)],
      cut(names[at] ?? "", room),
    ]);
    return tableOf(
      [words.list.columns, ...lines],
      ["left", "left", "left", "right", "right", "left", "left"],
    );
  }

  function tellNarrow(): string {
    const [idTitle = "", account = "", state = "", done = "", sent = "", created = "", name = ""] =
      words.list.columns;
    const draw = (room: number) => {
      const lines = rows.map(({ createdAt, view }, at): Cell[] => [
        { painted: `${view.id}\n${moment(createdAt)} ${cut(names[at] ?? "", room)}`.trimEnd() },
        ...[view.account, tellState(view.state, words, paint, "\n")],
        ...[`${view.progress.percent}%`, count(view.progress.recipients.sent)],
      ]);
      const titles = [{ painted: `${idTitle}\n${created} ${name}` }, account, state, done, sent];
      return tableOf([titles, ...lines], ["left", "left", "left", "right", "right"]);
    };
    const bare = draw(0);
    const [first = ""] = /─+/.exec(bare) ?? [];
    // A cell has a blank on either side, and one stands before the name.
    const room = first.length - 2 + Math.max(0, width - widthOf(bare)) - moment(0).length - 1;
    return draw(Math.max(0, room));
  }
}

/** The border's first line has no wide characters and no colours. */
function widthOf(table: string): number {
  return table.indexOf("\n");
}

function cut(text: string, room: number): string {
  if (columnsOf(text) <= room) return text;
  let kept = "";
  for (const char of text) {
    if (columnsOf(kept + char) >= room) break;
    kept += char;
  }
  return room > 0 ? `${kept}…` : "";
}
