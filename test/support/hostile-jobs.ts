import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";

const folder = "test/fixtures/hostile/jobs";

/** Job data of strangers: a name, and the text that stands in Redis. */
export type HostileData = { readonly name: string; readonly text: string };

/**
 * The corpus: `refused` is no campaign, `taken` is one with strange parts, `unreadable` is not even JSON.
 * Small ones are files; those that live by their size are made here.
 */
export function readHostileJobs(kind: "refused" | "taken" | "unreadable"): HostileData[] {
  return readdirSync(join(folder, kind)).map((file) => ({
    name: parse(file).name,
    text: readFileSync(join(folder, kind, file), "utf8"),
  }));
}

const openids = ["oStory_000000000000000000000", "oStory_000000000000000000001"];

/** A good campaign as text, one of its parts replaced by whatever text is given. */
export function campaignText(
  parts: { entry?: string; content?: string; metadata?: string; more?: string } = {},
) {
  const { entry, content = '"hostile"', metadata, more } = parts;
  const entries = [...openids.map((openid) => JSON.stringify(openid)), ...(entry ? [entry] : [])];
  return [
    '{ "account": "acme"',
    `"message": { "msgtype": "text", "text": { "content": ${content} } }`,
    `"audience": { "type": "openids", "openids": [${entries}] }`,
    ...(metadata ? [`"metadata": ${metadata}`] : []),
    ...(more ? [more] : []),
  ]
    .join(", ")
    .concat(" }");
}

export const deepList = (levels: number, inner = "") => "[".repeat(levels) + inner + "]".repeat(levels);
export const deepObject = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
export const wideObject = (keys: number) =>
  `{${Array.from({ length: keys }, (_, at) => `"field ${at} oStory_000000000000000000000":"x"`)}}`;

/** Too large for a file of a corpus. */
export function hugeRefused(levels: number): HostileData[] {
  const fifty = 50_000_000;
  return [
    { name: "deep-data", text: deepList(levels) },
    { name: "deep-object", text: deepObject(levels) },
    { name: "deep-content", text: campaignText({ content: deepList(levels) }) },
    { name: "deep-metadata", text: campaignText({ metadata: `{"a":${deepList(levels)}}` }) },
    { name: "deep-field", text: campaignText({ more: `"extra": ${deepObject(levels)}` }) },
    { name: "wide-metadata", text: campaignText({ metadata: wideObject(100_000) }) },
    { name: "wide-data", text: wideObject(100_000) },
    { name: "content-of-50-mb", text: campaignText({ content: `"${"x".repeat(fifty)}"` }) },
    { name: "name-of-50-mb", text: campaignText({ more: `"name": "${"x".repeat(fifty)}"` }) },
    { name: "field-of-5-mb", text: campaignText({ more: `"${"oStory_".repeat(700_000)}": 1` }) },
  ];
}

/** Malformed entries in good campaigns: counted, and the two good people are sent to. */
export function hugeTaken(levels: number): HostileData[] {
  return [
    { name: "deep-entry", text: campaignText({ entry: deepList(levels) }) },
    { name: "deep-object-entry", text: campaignText({ entry: deepObject(levels) }) },
    { name: "wide-entry", text: campaignText({ entry: wideObject(100_000) }) },
    { name: "entry-of-50-mb", text: campaignText({ entry: `"${"x".repeat(50_000_000)}"` }) },
  ];
}
