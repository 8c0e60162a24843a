// Pages of different make whose main text is known: what a reader wants of them, and what stands
// around it. The same at each run.

const words = {
  english: ('harbour lantern rope keel anchor tide vessel captain cargo pier lighthouse storm current '
    + 'voyage compass sailor deck mast wooden narrow quiet early building morning river stone '
    + 'bridge market village the the the of of and and in to was were with from that which after '
    + 'before along under where when they had been by on for at it as is not but').split(' '),
  german: ('der die das und in den von zu mit sich auf für ist im dem nicht ein eine als auch es an '
    + 'Hafen Laterne Seil Kiel Anker Flut Schiff Fracht Leuchtturm Sturm Strömung Reise Kompass '
    + 'früh Brücke Markt Dorf Fluss Stein Gebäude Morgen').split(' '),
  arabic: ('الميناء السفينة البحر الريح المدينة القديمة النهر الجسر السوق الصباح كانت في من إلى على '
    + 'بعد قبل التي الذي مع هذا تلك حجر بناء قرية رحلة').split(' '),
  hebrew: ('הנמל הספינה הים הרוח העיר העתיקה הנהר הגשר השוק הבוקר היה של על עם אחרי לפני אשר זה היא '
    + 'אבן בניין כפר מסע').split(' '),
  chinese: [...'港口船灯塔河流桥市场村庄早晨的了在是和有人们曾经建造石头城墙旧时风雨潮水绳索铁锚航海货物木头安静'],
  japanese: [...'港町船灯台川橋市場村朝のはをにがとでした人々石城壁昔風雨潮綱錨航海荷物木静か歴史調べる'],
};
const noise = ('Subscribe newsletter cookies accept sign-in register advertisement sponsored trending '
  + 'share tweet follow privacy terms contact careers sitemap login password checkout basket '
  + 'discount offer').split(' ');

let state = 20261123;
const below = (end) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
};
const some = (list) => list[below(list.length)];

const cased = (text) => text.charAt(0).toUpperCase() + text.slice(1);
function sentence(language, length = 8 + below(12)) {
  const unspaced = language === 'chinese' || language === 'japanese';
  const all = Array.from({ length: unspaced ? length * 2 : length }, () => some(words[language]));
  return unspaced ? `${all.join('')}。` : `${cased(all.join(' '))}.`;
}

/// Collects what it writes into the page and, of that, the main text.
class Page {
  constructor(language = 'english') {
    this.language = language;
    this.main = [];
  }
  keep(text) {
    this.main.push(text);
    return text;
  }
  paragraph(sentences = 3 + below(4)) {
    const join = this.language === 'chinese' || this.language === 'japanese' ? '' : ' ';
    return this.keep(Array.from({ length: sentences }, () => sentence(this.language)).join(join));
  }
  paragraphs(count, tag = 'p') {
    return Array.from({ length: count }, () => `<${tag}>${this.paragraph()}</${tag}>`).join('\n');
  }
  heading() {
    return this.keep(sentence(this.language, 3).replace(/[.。]$/, ''));
  }
}

const link = () => `<a href="/${some(noise)}">${cased(some(noise))} ${some(noise)}</a>`;
const links = (count, tag = 'li') => Array.from({ length: count }, () => `<${tag}>${link()}</${tag}>`).join('');
const banner = () => `<header><div class="logo">Site</div><nav><ul>${links(9)}</ul></nav></header>`;
const footer = () => `<footer><ul>${links(12)}</ul><p>© 2026 ${some(noise)} ${some(noise)}</p></footer>`;
const side = () => `<aside class="sidebar"><h3>Trending</h3><ul>${links(10)}</ul><div class="ad">Advertisement sponsored offer discount</div></aside>`;
const cookies = () => '<div class="cookie-banner" role="dialog">Accept cookies privacy terms <button>Accept</button></div>';
const share = () => `<div class="social-share">Share tweet follow ${links(4, 'span')}</div>`;
const shell = (page, body, { title = page.heading(), lang = 'en', dir = '' } = {}) => {
  page.main.pop();
  return `<!DOCTYPE html><html lang="${lang}"${dir}><head><meta charset="utf-8"><title>${title} | Site</title></head><body>${body(title)}</body></html>`;
};

// What lies about on real sites: invitations to other pages, to write and to subscribe.
const hashed = () => `css-${below(1e6).toString(36)} e${below(1e6).toString(36)}`;
const other = () => {
  const at = new Page();
  return [at.heading(), at.paragraph(1)];
};
const card = (tag = 'div') => {
  const [title, teaser] = other();
  return `<${tag} class="card"><a href="/${some(noise)}/${below(9999)}"><img src="c.jpg" alt="${title}"></a><h4><a href="/${some(noise)}">${title}</a></h4><p>${teaser}</p><time>3 days ago</time></${tag}>`;
};
const cards = (count, tag) => Array.from({ length: count }, () => card(tag)).join('');
const subscription = () => '<form action="/subscribe"><h4>Subscribe to the newsletter</h4><p>Get our best offers and discounts in your inbox every morning, no more than once a day.</p><input type="email"><button>Subscribe</button></form>';
const visitors = (count) => `<div id="comments"><h3>${count} comments</h3>${Array.from({ length: count }, () => `<div class="comment-body"><b>login${below(99)}</b><p>${other()[1]} ${other()[1]}</p><a href="#">Reply</a></div>`).join('')}</div>`;
const edit = '<span class="mw-editsection">[<a href="/edit">edit</a>]</span>';

const makers = {
  article: [
    (page) => shell(page, () => `${banner()}${cookies()}<main><article><h1>${page.heading()}</h1>${share()}${page.paragraphs(6)}<h2>${page.heading()}</h2>${page.paragraphs(4)}</article></main>${side()}${footer()}`),
    (page) => shell(page, () => `<div id="page">${banner()}<div class="wrap"><div class="post-content"><h1>${page.heading()}</h1>${page.paragraphs(8)}<blockquote>${page.paragraph()}</blockquote>${page.paragraphs(2)}</div><div class="related">${links(8, 'div')}</div></div>${footer()}</div>`),
    (page) => shell(page, () => `<table width="100%"><tr><td>${links(12, 'p')}</td><td><h1>${page.heading()}</h1>${page.paragraphs(7)}</td><td>${links(8, 'p')}</td></tr></table>`),
    (page) => shell(page, () => `<div><div>${links(10, 'span')}</div><div><div>${page.paragraphs(9, 'div')}</div></div><div>${links(10, 'span')}</div></div>`),
    (page) => shell(page, () => `${banner()}<section class="story"><h1>${page.heading()}</h1><figure><img src="a.jpg" alt=""><figcaption>${page.paragraph(1)}</figcaption></figure>${page.paragraphs(5)}<div class="newsletter-signup">Subscribe newsletter register sign-in</div>${page.paragraphs(5)}</section><section class="comments"><h3>Login register</h3><p>Sign-in password register login</p></section>${footer()}`),
    (page) => shell(page, () => `${banner()}<div class="${hashed()}"><div class="${hashed()}"><h1>${page.heading()}</h1><div class="${hashed()}">${page.paragraphs(4)}${subscription()}${page.paragraphs(4)}</div></div><div class="${hashed()}"><h3>More stories</h3>${cards(8)}</div></div>${footer()}`),
    (page) => shell(page, () => `${banner()}<div id="content"><div class="entry"><h1>${page.heading()}</h1>${page.paragraphs(5)}</div>${visitors(25)}</div>${side()}${footer()}`),
    (page) => shell(page, () => `${banner()}<main><section><h1>${page.heading()}</h1>${page.paragraphs(3)}<figure><img src="x.jpg" alt=""><figcaption>${page.paragraph(1)}</figcaption></figure>${page.paragraphs(4)}</section><ul class="latest">${cards(6, 'li')}</ul></main><div class="right-rail"><h4>Trending</h4>${cards(4)}</div>${footer()}`),
  ],
  docs: [
    (page) => shell(page, () => `${banner()}<div class="layout"><nav class="toc"><ul>${links(20)}</ul></nav><main role="main"><h1>${page.heading()}</h1>${page.paragraphs(2)}<pre><code>${page.keep('mooring --depth 12 --rope hemp')}</code></pre><h2>${page.heading()}</h2>${page.paragraphs(2)}<ul><li>${page.paragraph(1)}</li><li>${page.paragraph(1)}</li><li>${page.paragraph(1)}</li></ul><h2>${page.heading()}</h2>${page.paragraphs(3)}</main></div>${footer()}`),
    (page) => shell(page, () => `<div class="sidebar">${links(25)}</div><div class="body" role="main"><section><h1>${page.heading()}</h1>${page.paragraphs(1)}<dl><dt>${page.heading()}</dt><dd>${page.paragraph(2)}</dd><dt>${page.heading()}</dt><dd>${page.paragraph(2)}</dd></dl>${page.paragraphs(3)}</section></div>${footer()}`),
    (page) => shell(page, () => `${banner()}<div class="content markdown-body"><h1>${page.heading()}</h1><ol><li>${page.paragraph(2)}</li><li>${page.paragraph(2)}</li><li>${page.paragraph(2)}</li></ol>${page.paragraphs(4)}<div class="note"><p>${page.paragraph(2)}</p></div></div>${footer()}`),
    (page) => shell(page, () => `${banner()}<main><h1>${page.heading()}</h1>${Array.from({ length: 6 }, () => `<h3>${page.heading()}</h3><p>${page.paragraph(1)}</p>`).join('')}</main>${side()}${footer()}`),
    (page) => shell(page, () => `<nav class="wy-nav-side"><ul>${links(30)}</ul></nav><div role="main" class="document"><section id="a"><h1>${page.heading()}<a class="headerlink" href="#a">¶</a></h1>${page.paragraphs(2)}<div class="admonition warning"><p>${page.paragraph(2)}</p></div><section id="b"><h2>${page.heading()}<a class="headerlink" href="#b">¶</a></h2><dl class="py function"><dt>${page.keep('moor(rope, keel)')}</dt><dd><p>${page.paragraph(2)}</p><ul><li>${page.paragraph(1)}</li><li>${page.paragraph(1)}</li></ul></dd></dl></section></section></div><div class="rst-footer-buttons"><a href="/p">Previous</a> <a href="/n">Next</a></div>${footer()}`),
    (page) => shell(page, () => `${banner()}<aside class="left"><ol>${links(25)}</ol></aside><main><article><h1>${page.heading()}</h1><p>${page.paragraph(3)}</p><h2>${page.heading()}</h2><dl>${Array.from({ length: 6 }, () => `<dt><a href="/m"><code>${page.heading()}</code></a></dt><dd><p>${page.paragraph(1)}</p></dd>`).join('')}</dl><table><tr><th>${page.heading()}</th><th>${page.heading()}</th></tr><tr><td>${page.heading()}</td><td>${page.heading()}</td></tr></table></article></main><aside class="on-this-page">${links(6)}</aside><div class="feedback"><form><p>Was this page helpful to you, and what may we do better?</p><textarea></textarea></form></div>${footer()}`),
  ],
  forum: [
    (page) => shell(page, () => `${banner()}<div class="thread"><h1>${page.heading()}</h1>${Array.from({ length: 6 }, () => `<div class="post"><div class="user"><a href="/u">login</a></div><div class="message"><p>${page.paragraph(4)}</p></div></div>`).join('')}</div>${side()}${footer()}`),
    (page) => shell(page, () => `${banner()}<div id="question"><h1>${page.heading()}</h1><div class="text">${page.paragraphs(3)}</div></div><div id="answers">${Array.from({ length: 4 }, () => `<div class="answer"><div class="text">${page.paragraphs(2)}</div><div class="vote">${links(3, 'span')}</div></div>`).join('')}</div>${side()}${footer()}`),
    (page) => shell(page, () => `<table class="thread">${Array.from({ length: 7 }, () => `<tr><td class="author">${link()}</td><td class="body">${page.paragraph(4)}</td></tr>`).join('')}</table>${footer()}`),
    (page) => shell(page, () => `${banner()}<main><h1>${page.heading()}</h1><ol>${Array.from({ length: 6 }, () => `<li class="reply"><p>${page.paragraph(3)}</p><ul><li class="reply"><p>${page.paragraph(2)}</p></li></ul></li>`).join('')}</ol></main>${footer()}`),
    (page) => shell(page, () => `<table><tr><td>${links(6, 'span')}</td></tr><tr><td><table>${Array.from({ length: 8 }, () => `<tr><td><img src="s.gif" width="${below(3) * 40}"></td><td><div class="head"><a href="/u">login</a> <a href="/i">follow</a></div><div class="commtext">${page.paragraph(3)}<p>${page.paragraph(2)}</p></div></td></tr>`).join('')}</table></td></tr></table>`),
    (page) => shell(page, () => `${banner()}<div id="page-body"><h2>${page.heading()}</h2>${Array.from({ length: 5 }, () => `<div class="post bg"><dl class="postprofile"><dt><a href="/u"><img src="a.png" alt=""></a></dt></dl><div class="postbody"><div class="content">${page.paragraph(3)}<br><br>${page.paragraph(2)}</div></div></div>`).join('')}</div><form><input name="q"><p>Login and password to write an answer of your own here, or register</p></form>${footer()}`),
  ],
  table: [
    (page) => shell(page, () => `${banner()}<main><h1>${page.heading()}</h1>${page.paragraphs(2)}<table><thead><tr>${[1, 2, 3].map(() => `<th>${page.heading()}</th>`).join('')}</tr></thead><tbody>${Array.from({ length: 12 }, () => `<tr>${[1, 2, 3].map(() => `<td>${page.heading()}</td>`).join('')}</tr>`).join('')}</tbody></table>${page.paragraphs(2)}</main>${footer()}`),
    (page) => shell(page, () => `${banner()}<article><h1>${page.heading()}</h1><p>${page.paragraph(3)}</p><table border=1>${Array.from({ length: 20 }, () => `<tr><td>${page.heading()}</td><td>${page.keep(String(below(90000) + 10000))}</td></tr>`).join('')}</table><p>${page.paragraph(3)}</p></article>${side()}${footer()}`),
    (page) => shell(page, () => `${banner()}<div class="content"><h1>${page.heading()}</h1><table>${Array.from({ length: 15 }, () => `<tr><th>${page.heading()}</th><td>${page.paragraph(1)}</td></tr>`).join('')}</table></div>${footer()}`),
    (page) => shell(page, () => `<nav>${links(10)}</nav><main><h2>${page.heading()}</h2>${page.paragraphs(3)}<table><caption>${page.heading()}</caption>${Array.from({ length: 8 }, () => `<tr>${[1, 2, 3, 4].map(() => `<td>${page.heading()}</td>`).join('')}</tr>`).join('')}</table></main>${footer()}`),
    (page) => shell(page, () => `<div id="mw-navigation"><ul>${links(20)}</ul></div><div class="mw-body" role="main"><h1>${page.heading()}</h1><div class="mw-parser-output"><table class="infobox">${Array.from({ length: 6 }, () => `<tr><th>${page.heading()}</th><td><a href="/w">${page.heading()}</a></td></tr>`).join('')}</table>${page.paragraphs(3)}<h2>${page.heading()}${edit}</h2>${page.paragraphs(2)}<table class="wikitable"><tr><th>${page.heading()}</th><th>${page.heading()}</th></tr>${Array.from({ length: 9 }, () => `<tr><td><a href="/w">${page.heading()}</a></td><td>${page.heading()}</td></tr>`).join('')}</table><h2>${page.heading()}${edit}</h2>${page.paragraphs(2)}<div class="navbox">${links(20)}</div></div><div id="catlinks">${links(5)}</div></div>${footer()}`),
  ],
  code: [
    (page) => shell(page, () => `${banner()}<article><h1>${page.heading()}</h1>${page.paragraphs(2)}<pre><code class="language-cpp">${page.keep('int main() { return anchor(keel); }\nstruct Mast { double height; };')}</code></pre>${page.paragraphs(2)}<pre>${page.keep('make harbour && ./harbour --tide low')}</pre>${page.paragraphs(2)}</article>${footer()}`),
    (page) => shell(page, () => `${banner()}<div class="readme"><h1>${page.heading()}</h1>${Array.from({ length: 5 }, (_, i) => `<h2>${page.heading()}</h2><p>${page.paragraph(2)}</p><div class="highlight"><pre><span class="k">${page.keep('def')}</span> ${page.keep(`moor${i}(rope):\n    return rope.length`)}</pre></div>`).join('')}</div>${side()}${footer()}`),
    (page) => shell(page, () => `${banner()}<main>${page.paragraphs(3)}<p>${page.keep('Use the call')} <code>${page.keep('tide.low()')}</code> ${page.keep('before you sail.')}</p>${page.paragraphs(3)}</main>${footer()}`),
    (page) => shell(page, () => `${banner()}<div class="post-body"><h1>${page.heading()}</h1>${page.paragraphs(3)}<pre><code>${page.keep(Array.from({ length: 25 }, (_, i) => `line${i} = rope[${i}] + keel`).join('\n'))}</code></pre>${page.paragraphs(3)}</div>${footer()}`),
    (page) => shell(page, () => `<div class="header">${links(8, 'span')}</div><table class="files">${Array.from({ length: 9 }, () => `<tr><td>${link()}</td><td>${link()}</td><td>3 days ago</td></tr>`).join('')}</table><div id="readme"><article class="markdown-body"><h1>${page.heading()}</h1><p>${page.paragraph(2)}</p><div class="highlight"><pre>${page.keep('npm install harbour')}</pre><clipboard-copy>Copy</clipboard-copy></div><p>${page.paragraph(3)}</p><pre><code>${page.keep('import { moor } from "harbour";\nmoor(keel);')}</code></pre><p>${page.paragraph(3)}</p></article></div><div class="Layout-sidebar"><h2>About</h2>${links(8)}</div>${footer()}`),
  ],
  cjk: ['chinese', 'japanese', 'chinese', 'japanese', 'chinese'].map((language, i) => () => {
    const page = new Page(language);
    const html = shell(page, () => (i < 2
      ? `${banner()}<article><h1>${page.heading()}</h1>${page.paragraphs(6)}</article>${side()}${footer()}`
      : `<div>${links(10, 'span')}</div><div class="content">${page.paragraphs(8, 'div')}</div><div>${links(8, 'span')}</div>${i === 4 ? `${cards(5)}${subscription()}` : ''}`),
    { lang: language === 'chinese' ? 'zh' : 'ja' });
    return { page, html };
  }),
  rtl: ['arabic', 'hebrew', 'arabic', 'hebrew', 'arabic'].map((language, i) => () => {
    const page = new Page(language);
    const html = shell(page, () => (i < 2 || i === 4
      ? `${banner()}<main><article><h1>${page.heading()}</h1>${page.paragraphs(6)}</article>${i === 4 ? cards(5) : ''}</main>${side()}${footer()}`
      : `<div id="menu">${links(12, 'span')}</div><div id="text"><h2>${page.heading()}</h2>${page.paragraphs(7)}</div>${footer()}`),
    { lang: language === 'arabic' ? 'ar' : 'he', dir: ' dir="rtl"' });
    return { page, html };
  }),
  broken: [
    (page) => shell(page, () => `<div class=menu>${links(12)}<div class=content><h1>${page.heading()}<p>${page.paragraph()}<p>${page.paragraph()}<p>${page.paragraph()}<b>${page.paragraph()}<i>${page.paragraph()}</div><div class=footer>${links(8)}`),
    (page) => shell(page, () => `${banner()}<article><h1>${page.heading()}</h2>${page.paragraphs(4)}<table><tr><td>${page.paragraph()}</article></div></div>${footer()}`),
    (page) => shell(page, () => `<font size=4><center><a href=/>Contact</a></center><p>${page.paragraph()}<br><br>${page.paragraph()}<br><br>${page.paragraph()}<br><br>${page.paragraph()}</font><hr><small>${links(6, 'span')}`),
    (page) => shell(page, () => `${banner()}<main><p>${page.paragraph()}<div>${page.paragraph()}</p></div><p>${page.paragraph()}</main></main>${page.paragraphs(4)}<script>var x = "<p>Subscribe</p>";</script>${footer()}`),
    (page) => shell(page, () => `<TABLE WIDTH=100%><TR><TD>${links(9, 'p')}<TD><H1>${page.heading()}</H1><P>${page.paragraph()}<P><FONT COLOR=red>${page.paragraph()}<P>${page.paragraph()}</B></FONT><UL><LI>${page.paragraph(1)}<LI>${page.paragraph(1)}</UL><P>${page.paragraph()}</TABLE><!-- ${links(3)}`),
  ],
};

/// `[{ name, kind, html, main }]`
export function extractionPages() {
  return Object.entries(makers).flatMap(([kind, list]) => list.map((make, i) => {
    const fresh = new Page(kind === 'article' && i === 1 ? 'german' : 'english');
    const made = make(fresh);
    const { page, html } = typeof made === 'string' ? { page: fresh, html: made } : made;
    return { name: `${kind}-${i + 1}`, kind, html, main: page.main.join('\n') };
  }));
}
