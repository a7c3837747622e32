import { renderMermaidSVG } from 'beautiful-mermaid';
import type { MarkdownRenderer } from 'vitepress';

/** Colours of the theme, so that a diagram follows light and dark. */
const COLOURS = {
  bg: 'transparent',
  fg: 'var(--vp-c-text-1)',
  line: 'var(--vp-c-text-3)',
  accent: 'var(--vp-c-brand-1)',
  muted: 'var(--vp-c-text-2)',
  surface: 'var(--vp-c-bg-soft)',
  border: 'var(--vp-c-border)',
};

/** Draws the blocks of mermaid when the site is built: a reader needs neither the library nor the network. */
export function drawMermaid(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info, content } = tokens[index];
    if (info.trim() !== 'mermaid') return fence(tokens, index, options, env, self);
    // The library asks for a web font, which the site does not need.
    const drawn = renderMermaidSVG(content, COLOURS).replace(/@import url\([^)]*\);/g, '');
    // As an attribute, because the browser would divide the markup of an SVG in another way than the server.
    return `<div class="diagram" v-html="${escaped(JSON.stringify(drawn))}"></div>\n`;
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
