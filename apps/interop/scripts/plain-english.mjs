// Reports constructions that make our English hard to read, in Markdown, comments and test titles.
//
//   node apps/interop/scripts/plain-english.mjs [--counts] [path …]
//
// A path is a file or a folder; without one, the whole workspace is read. Exits with 1 if anything is found, unless
// `--counts` asks for the numbers only. A finding is allowed if its line, or the line above, contains
// `plain-english: allow` (in Markdown: in an HTML comment). Say why beside it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

/** Words after which "where" names a place, or the object of a verb. */
const PLACE = `(?:places?|folders?|files?|lines?|points?|positions?|states?|spots?|pages?|sections?|tables?|offsets?|know|knows|shows?|says?|see|exactly|from|to|of|and|no|any|every|some)`;
/** Verbs that show that a clause is the subject of a sentence, as in "what is sent is kept". */
const VERB = `(?:is|are|was|were|has|have|had|can|could|may|might|must|will|would|shall|should|does|do|did|comes?|goes|gets?|needs?|stays?|ends?)`;

/** The constructions: a name, a pattern, and the wording to use instead. */
export const PATTERNS = [
  {
    name: 'where for if',
    // "Where" opens a sentence or a clause, or follows a comma or semicolon; a place named just before it is allowed.
    pattern: new RegExp(
      String.raw`(?:^|[.;:!?(]\s+)where\s+(?!to\b|from\b)[a-z]|(?:,|\balso|\bonly|\bexcept|\beven|\bor|\bbut)\s+where\s+[a-z]|(?<!\b${PLACE})(?<![,.;:!?(]) where (?:it|this|that|there|one|none|they|a|an|the|such|no|nothing|both|neither|needed|possible|given|set|known|missing|present|you|we)\b`,
      'gi',
    ),
    instead: 'write "if" for a condition ("where" names a place)',
  },
  {
    name: 'what or who as subject',
    // A sentence, or a clause after a separator, that opens with the word and is not a question; or "what is sent is".
    pattern: new RegExp(
      String.raw`(?:^|[.;:!]\s+|\b(?:and|but|so that|that|because|if|when|where|until|while) )(?:what|who|whoever|whatever)\b(?!\s+(?:to|if)\b)(?! (?:to|for)\b)[^.;:?]*?\s${VERB}\b[^.;:?]*(?:[.;:]|$)(?!\?)`,
      'gi',
    ),
    instead: 'name the thing: "the bytes that were sent", "callers that wait"',
  },
  {
    name: 'is no X',
    pattern:
      /\b(?:is|are|was|were|be) (?:no(?! longer\b| more than\b| less than\b| later than\b| larger than\b| longer\b| one\b)|none)\b/gi,
    instead: 'write "is not a X", "there is no X" or "does not exist"',
    except: /\bthere (?:is|are|was|were|will be|would be|must be|can be|may be) no(?:ne)?\b/i,
  },
  { name: 'anew', pattern: /\banew\b/gi, instead: 'write "again"' },
  { name: 'all the same', pattern: /\ball the same\b/gi, instead: 'write "nevertheless" or "also"' },
  { name: 'of ours', pattern: /\bof (?:ours|theirs|its own accord)\b/gi, instead: 'write "our X", or "by itself"' },
  { name: 'nobody', pattern: /\bnobody(?:'s)?\b/gi, instead: 'write "no peer", "no caller", "not used"' },
  { name: 'and so', pattern: /, and (?:so|no) /gi, instead: 'begin a new sentence' },
];

/** The texts of a file that people read: each a paragraph, with the line on which it begins. */
export function prose(path, source) {
  if (path.endsWith('.md')) return markdown(source);
  return [...comments(source), ...(/\.test\.ts$/.test(path) ? titles(source) : [])];
}

/** The findings in one file, in the order of the lines. */
export function findings(path, source) {
  const lines = source.split('\n');
  return prose(path, source)
    .flatMap(({ text, line }) =>
      PATTERNS.flatMap(({ name, pattern, instead, except }) =>
        [...text.replaceAll('\n', ' ').matchAll(pattern)].flatMap((match) => {
          const before = text.slice(0, match.index);
          const at = line + (before + /^\s*/.exec(match[0])[0]).split('\n').length - 1;
          if (except?.test(text.slice(Math.max(0, match.index - 12), match.index + match[0].length))) return [];
          if ([lines[at - 1], lines[at - 2]].some((written) => written?.includes('plain-english: allow'))) return [];
          const shown = text
            .slice(match.index, match.index + Math.max(match[0].length, 60))
            .replaceAll(/\s+/g, ' ')
            .trim();
          return [{ name, line: at, text: shown, instead }];
        }),
      ),
    )
    .sort((a, b) => a.line - b.line);
}

/** Paragraphs of Markdown: without code, quotations of output, link targets, and tables' bars. */
function markdown(source) {
  const texts = [];
  let isCode = false;
  let paragraph;
  source.split('\n').forEach((written, index) => {
    if (/^\s*(?:```|~~~)/.test(written)) {
      isCode = !isCode;
      paragraph = undefined;
      return;
    }
    if (isCode || /^\s*$/.test(written) || /^ {4}\S/.test(written)) {
      paragraph = undefined;
      return;
    }
    const startsAnother = /^\s*(?:[-*+] |\d+\. |#|\||>)/.test(written);
    const text = stripped(written.replace(/^\s*(?:[-*+] |\d+\. |#+ |> ?)+/, ''));
    for (const [cell, part] of (/^\s*\|/.test(written) ? text.split('|') : [text]).entries()) {
      if (paragraph && !startsAnother && cell === 0) paragraph.text += `\n${part}`;
      else {
        paragraph = { text: part.trim(), line: index + 1 };
        texts.push(paragraph);
      }
    }
  });
  return texts;
}

/** Comments of TypeScript: neighbouring lines of `//` are one text, and each block is one. */
function comments(source) {
  const texts = [];
  let paragraph;
  let isBlock = false;
  source.split('\n').forEach((written, index) => {
    const line = index + 1;
    let text;
    if (isBlock) {
      text = written.replace(/^\s*\* ?/, '');
      if (written.includes('*/')) {
        isBlock = false;
        text = text.replace(/\*\/.*$/, '');
      }
    } else {
      const comment = /(?:^|\s)\/\/ ?(.*)$/.exec(written);
      const block = /^\s*\/\*\*? ?(.*)$/.exec(written) ?? /\s\/\*\* (.*\*\/)/.exec(written);
      if (block) {
        paragraph = undefined;
        isBlock = !written.includes('*/');
        text = block[1].replace(/\*\/.*$/, '');
      } else if (comment && !/https?:\/\//.test(written.slice(0, comment.index + 4))) text = comment[1];
    }
    // A tag begins a text of its own, and the name that follows it is not part of the sentence.
    const tag = text !== undefined && /^@\w+ ?(?:\{@?.*?\} ?)?/.exec(text);
    if (text === undefined || text.trim() === '') paragraph = undefined;
    else if (paragraph && !tag) paragraph.text += `\n${stripped(text)}`;
    else {
      paragraph = { text: stripped(tag ? text.slice(tag[0].length) : text), line };
      texts.push(paragraph);
    }
    if (text !== undefined && !isBlock && /\*\//.test(written)) paragraph = undefined;
  });
  return texts;
}

/** The titles of tests and their groups. */
function titles(source) {
  const title = /\b(?:test|it|describe)(?:\.\w+(?:\([^)\n]*\))?)*\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
  return [...source.matchAll(title)].map((match) => ({
    text: stripped(match[2].replaceAll(/\$\{[^}]*\}/g, 'x')),
    line: source.slice(0, match.index).split('\n').length,
  }));
}

/** Without code spans, links' targets and quotations, in which others' words may stand. */
function stripped(text) {
  return text
    .replaceAll(/`[^`\n]*`/g, 'x')
    .replaceAll(/\]\([^)\n]*\)/g, ']')
    .replaceAll(/[“"][^”"\n]*[”"]/g, 'x')
    .replaceAll(/\*\*/g, '');
}

function files(paths) {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths], {
    cwd: workspace,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((path) => /\.(?:md|ts|mts|mjs)$/.test(path) && !/\.generated\.ts$/.test(path));
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function main(args) {
  const paths = args.filter((arg) => !arg.startsWith('--'));
  const counts = new Map(PATTERNS.map(({ name }) => [name, 0]));
  let total = 0;
  for (const path of files(paths.length ? paths.map((each) => relative(workspace, resolve(each)) || '.') : ['.'])) {
    let found;
    try {
      found = findings(path, readFileSync(resolve(workspace, path), 'utf8'));
    } catch (error) {
      // A file that git still lists may have been removed.
      if (error.code === 'ENOENT') continue;
      throw error;
    }
    total += found.length;
    for (const { name, line, text, instead } of found) {
      counts.set(name, counts.get(name) + 1);
      if (!args.includes('--counts')) print(`${path}:${line}: ${name}: “${text.slice(0, 90)}”: ${instead}`);
    }
    if (args.includes('--counts') && found.length) print(`${String(found.length).padStart(5)}  ${path}`);
  }
  for (const [name, count] of counts) print(`${String(count).padStart(5)}  ${name}`);
  print(`${String(total).padStart(5)}  in total`);
  if (total > 0 && !args.includes('--counts')) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
