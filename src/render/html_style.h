// The style of the HTML page. Verdicts have a mark and a word besides their colour.
#pragma once

#include <string_view>

namespace cufit::render {

inline constexpr std::string_view html_style = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--soft:#5c6670;--line:#d7dce1;--panel:#f5f7f9;
--fits:#0b6b3a;--fits-bg:#e3f5ea;--limited:#7a4b00;--limited-bg:#fdf0d5;--unknown:#3b4a8c;--unknown-bg:#e8ebfa;
--unfit:#a4161a;--unfit-bg:#fde5e5}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e6e9ec;--soft:#a0abb5;--line:#343b42;--panel:#1d2226;
--fits:#7fdca6;--fits-bg:#12331f;--limited:#f2c26b;--limited-bg:#3a2a0a;--unknown:#aebcff;--unknown-bg:#232a4d;
--unfit:#ff9a9a;--unfit-bg:#4a1a1c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:100rem;padding:1rem;background:var(--bg);color:var(--fg);
font:16px/1.5 system-ui,"Segoe UI","Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .6rem}
.soft{color:var(--soft)}a{color:inherit}p{margin:.3rem 0}
.tiles{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:.8rem 0 0;padding:0}
.tiles li{border:1px solid var(--line);border-radius:.5rem;padding:.3rem .8rem}
.tiles b{display:block;font-size:1.3rem;line-height:1.3;font-variant-numeric:tabular-nums}
.fits{color:var(--fits);background:var(--fits-bg)}.limited{color:var(--limited);background:var(--limited-bg)}
.unknown{color:var(--unknown);background:var(--unknown-bg)}.unfit{color:var(--unfit);background:var(--unfit-bg)}
.scroll{overflow:auto;max-height:85vh;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:separate;border-spacing:0;font-size:.9rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);border-right:1px solid var(--line);text-align:left;
vertical-align:top}
thead th{position:sticky;top:0;z-index:2;background:var(--panel);font-weight:600;min-width:7rem}
thead th small{display:block;font-weight:400;color:var(--soft)}
tbody th{position:sticky;left:0;z-index:1;background:var(--panel);font-weight:600;max-width:22rem;
overflow-wrap:anywhere}
thead th:first-child{left:0;z-index:3}
td a,td span{display:block;text-decoration:none;white-space:nowrap}td a:hover{text-decoration:underline}
.badge{display:inline-block;border-radius:.4rem;padding:0 .5rem;font-weight:600;white-space:nowrap}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;background:var(--panel)}
details:target{outline:2px solid var(--unknown)}
summary{cursor:pointer;padding:.5rem .7rem;overflow-wrap:anywhere}
summary:focus-visible,a:focus-visible,.scroll:focus-visible{outline:2px solid var(--unknown);outline-offset:2px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem .9rem;margin:0;padding:.2rem .9rem .8rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;min-width:0}
pre{margin:.3rem 0;padding:.5rem;overflow:auto;background:var(--bg);border:1px solid var(--line);border-radius:.4rem;
font-size:.85rem}
@media (max-width:40rem){body{padding:.6rem;font-size:15px}th,td{padding:.3rem .4rem}tbody th{max-width:8.5rem}
thead th{min-width:5.5rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}}
@media print{.scroll{max-height:none;overflow:visible}}
)css";

}  // namespace cufit::render
