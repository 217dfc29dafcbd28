/**
 * What the extension itself says; the process says the rest.
 *
 * The Japanese of what the Jupyter page says too is the Japanese of that page.
 */

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

const JAPANESE = {
  "Estimate of this cell": "このセルの見積もり",
  "too long to count while typing; run the cell": "入力中に数えるには長すぎます。セルを実行してください",
  "the process that counts this cell ended; run the cell":
    "このセルを数えるプロセスが終了しました。セルを実行してください",
  "live line unavailable: install ipython-llmnumbers for {python}":
    "ライブ表示を利用できません。{python} に ipython-llmnumbers をインストールしてください",
  "live line unavailable: {python} does not start it ({reason})":
    "ライブ表示を利用できません。{python} で開始できません（{reason}）",
  "live line unavailable: select a Python for this notebook, or name one in the setting llmnumbers.python":
    "ライブ表示を利用できません。このノートブックの Python を選ぶか、設定 llmnumbers.python に指定してください",
} as const;

export type Text = keyof typeof JAPANESE;

export const TEXTS = JAPANESE;

/** A text in a language, with the values for the names in its braces. */
export function say(text: Text, language: Language, values: Readonly<Record<string, string>> = {}): string {
  const template: string = language === "ja" ? JAPANESE[text] : text;
  return template.replace(/\{(\w+)\}/g, (braces, name: string) => values[name] ?? braces);
}

/** The language that a setting names; without one that of the editor, where we speak it. */
export function languageOf(setting: string, editor: string): Language {
  const wanted = setting || editor.split("-")[0];
  return LANGUAGES.find((each) => each === wanted) ?? "en";
}
