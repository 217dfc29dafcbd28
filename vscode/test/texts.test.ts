/** What the extension itself says, in each language. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LANGUAGES, languageOf, say, TEXTS, type Text } from "../src/texts";

const json = (name: string) => JSON.parse(readFileSync(join(__dirname, "../..", name), "utf8"));

test("every text has its values in each language", () => {
  for (const text of Object.keys(TEXTS) as Text[]) {
    const names = (of: string) => (of.match(/\{\w+\}/g) ?? []).sort();
    assert.deepEqual(names(TEXTS[text]), names(text));
    assert.notEqual(say(text, "ja"), say(text, "en"));
  }
});

test("a value is no template", () => {
  const values = { python: "{reason}", reason: "$&" };
  const told = say("live line unavailable: {python} does not start it ({reason})", "en", values);
  assert.equal(told, "live line unavailable: {reason} does not start it ($&)");
});

test("a setting comes before the editor, and English before what is not spoken", () => {
  assert.equal(languageOf("en", "ja"), "en");
  assert.equal(languageOf("", "ja-JP"), "ja");
  assert.equal(languageOf("", "zh-cn"), "en");
});

test("the manifest names the languages, and has each of its texts in both", () => {
  const manifest = json("package.json");
  const { enum: named } = manifest.contributes.configuration.properties["llmnumbers.language"];
  assert.deepEqual(named, ["", ...LANGUAGES]);
  const used = [...JSON.stringify(manifest).matchAll(/"%(\w+)%"/g)].map(([, name]) => name).sort();
  for (const name of ["package.nls.json", "package.nls.ja.json"])
    assert.deepEqual(Object.keys(json(name)).sort(), used);
});
