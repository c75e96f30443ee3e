// What the dashboard shows of a job must stay small, since large values freeze its page, and must name
// nobody: a producer's data holds the OpenIDs until the intake has put them away.

const TEXT_LIMIT = 300;
const FIELD_LIMIT = 40;
const NAME_LIMIT = 64;
const DEPTH_LIMIT = 6;

const personal = new Set(["openid", "openids", "touser"]);

/** A small picture of any value: lists as their length, long text cut, people's ids left out. */
export function compact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > TEXT_LIMIT ? `${value.slice(0, TEXT_LIMIT)}…` : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return `${value.length} items`;
  if (depth === DEPTH_LIMIT) return "…";

  const fields = Object.entries(value);
  const shown = fields
    .slice(0, FIELD_LIMIT)
    .map(([name, field]) => [shownName(name), compactField(name, field, depth)]);
  const left = fields.length - shown.length;
  return Object.fromEntries(left > 0 ? [...shown, ["…", `${left} more`]] : shown);
}

/** The data of a job: of an audience, or of those who are left out, whatever its shape, only what kind it is and how many are in it. */
export function compactData(data: unknown): unknown {
  if (typeof data !== "object" || data === null) return typeof data === "string" ? "not shown" : data;
  if (Array.isArray(data)) return compact(data);
  const { audience, exclude, ...rest } = data as Record<string, unknown>;
  return {
    ...(compact(rest) as object),
    ...("audience" in data && { audience: compactAudience(audience) }),
    ...("exclude" in data && { exclude: compactAll(exclude) }),
  };
}

/** A name is short, unless a producer made it, and then it may be a person. */
function shownName(name: string): string {
  return (/^[a-z_]+$/.test(name) ? name : name.replace(/[A-Za-z0-9_-]{20,}/g, "…")).slice(0, NAME_LIMIT);
}

function compactField(name: string, field: unknown, depth: number): unknown {
  if (!personal.has(name)) return compact(field, depth + 1);
  return Array.isArray(field) ? `${field.length} OpenIDs` : "not shown";
}

function compactAll(audiences: unknown): unknown {
  return Array.isArray(audiences)
    ? audiences.slice(0, FIELD_LIMIT).map(compactAudience)
    : compactAudience(audiences);
}

function compactAudience(audience: unknown): unknown {
  if (typeof audience !== "object" || audience === null) return "not shown";
  if (Array.isArray(audience)) return { count: audience.length };
  const { type, openids, audienceId, tagId } = audience as Record<string, unknown>;
  const count = Array.isArray(openids) ? openids.length : undefined;
  return { type: compact(type), count, audienceId: compact(audienceId), tagId: compact(tagId) };
}
