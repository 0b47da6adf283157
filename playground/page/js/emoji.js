/** Emoji short names -> characters: the ones that support and product people use. Unknown names stay `:name:`. */

const GROUPS = {
  Smileys: `smile 😄 grinning 😀 smiley 😃 grin 😁 laughing 😆 sweat_smile 😅 joy 😂 rolling_on_the_floor_laughing 🤣 slightly_smiling_face 🙂
    upside_down_face 🙃 wink 😉 blush 😊 innocent 😇 heart_eyes 😍 star-struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪
    hugging_face 🤗 thinking_face 🤔 zipper_mouth_face 🤐 neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒 face_with_rolling_eyes 🙄
    grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 dizzy_face 😵 exploding_head 🤯 partying_face 🥳 sunglasses 😎
    nerd_face 🤓 confused 😕 worried 😟 slightly_frowning_face 🙁 open_mouth 😮 hushed 😯 astonished 😲 flushed 😳 pleading_face 🥺
    cold_sweat 😰 cry 😢 sob 😭 scream 😱 confounded 😖 disappointed 😞 sweat 😓 weary 😩 tired_face 😫 triumph 😤 rage 😡 angry 😠
    skull 💀 clown_face 🤡 ghost 👻 robot_face 🤖 see_no_evil 🙈 saluting_face 🫡 melting_face 🫠`,
  People: `wave 👋 raised_hand ✋ ok_hand 👌 v ✌️ crossed_fingers 🤞 call_me_hand 🤙 point_left 👈 point_right 👉 point_up ☝️ point_down 👇
    +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ facepunch 👊 clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 writing_hand ✍️
    muscle 💪 eyes 👀 eye 👁️ brain 🧠 speaking_head_in_silhouette 🗣️ bust_in_silhouette 👤 busts_in_silhouette 👥 technologist 🧑‍💻
    detective 🕵️ shrug 🤷 facepalm 🤦 man-shrugging 🤷‍♂️ woman-shrugging 🤷‍♀️ raising_hand 🙋 bow 🙇 runner 🏃 dancer 💃`,
  Hearts: `heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔 sparkling_heart 💖
    100 💯 anger 💢 boom 💥 dizzy 💫 sweat_drops 💦 dash 💨 fire 🔥 sparkles ✨ star ⭐ star2 🌟 zap ⚡ snowflake ❄️ rainbow 🌈 sunny ☀️
    cloud ☁️ umbrella ☔ ocean 🌊`,
  Nature: `dog 🐶 cat 🐱 bug 🐛 bee 🐝 snail 🐌 turtle 🐢 octopus 🐙 whale 🐳 unicorn_face 🦄 tiger 🐯 hedgehog 🦔 butterfly 🦋 seedling 🌱
    evergreen_tree 🌲 deciduous_tree 🌳 cactus 🌵 herb 🌿 four_leaf_clover 🍀 maple_leaf 🍁 sunflower 🌻 rose 🌹 mushroom 🍄`,
  Food: `apple 🍎 banana 🍌 lemon 🍋 avocado 🥑 hot_pepper 🌶️ bread 🍞 pizza 🍕 hamburger 🍔 taco 🌮 cake 🍰 birthday 🎂 cookie 🍪 doughnut 🍩
    popcorn 🍿 coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾`,
  Work: `rocket 🚀 airplane ✈️ car 🚗 ship 🚢 train 🚆 construction 🚧 ambulance 🚑 rotating_light 🚨 traffic_light 🚥 trophy 🏆 medal 🏅
    first_place_medal 🥇 dart 🎯 game_die 🎲 tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 ticket 🎫 admission_tickets 🎟️ bell 🔔 no_bell 🔕
    mega 📣 loudspeaker 📢 speech_balloon 💬 thought_balloon 💭 email 📧 envelope ✉️ incoming_envelope 📨 inbox_tray 📥 outbox_tray 📤
    package 📦 memo 📝 pencil ✏️ pencil2 ✏️ clipboard 📋 calendar 📆 date 📅 spiral_calendar_pad 🗓️ card_index_dividers 🗂️ file_folder 📁
    open_file_folder 📂 page_facing_up 📄 bookmark_tabs 📑 bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉
    pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 scissors ✂️ books 📚 book 📖 bookmark 🔖 newspaper 📰 label 🏷️ moneybag 💰 credit_card 💳
    mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 hammer_and_wrench 🛠️ gear ⚙️ shield 🛡️ test_tube 🧪 microscope 🔬
    telescope 🔭 satellite 🛰️ computer 💻 desktop_computer 🖥️ keyboard ⌨️ iphone 📱 telephone ☎️ battery 🔋 electric_plug 🔌 bulb 💡
    hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ alarm_clock ⏰ clock3 🕒 house 🏠 office 🏢 hospital 🏥 broom 🧹 lifebuoy 🛟 ring_buoy 🛟
    compass 🧭 world_map 🗺️ puzzle_piece 🧩 magnet 🧲 crystal_ball 🔮 moon 🌙 first_quarter_moon 🌓 night_with_stars 🌃`,
  Symbols: `white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_plus_sign ➕ heavy_minus_sign ➖
    question ❓ grey_question ❔ exclamation ❗ grey_exclamation ❕ bangbang ‼️ interrobang ⁉️ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 sos 🆘
    new 🆕 free 🆓 up 🆙 cool 🆒 ok 🆗 information_source ℹ️ recycle ♻️ arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️
    arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_right_hook ↪️ leftwards_arrow_with_hook ↩️ twisted_rightwards_arrows 🔀 repeat 🔁
    arrows_counterclockwise 🔄 fast_forward ⏩ rewind ⏪ arrow_forward ▶️ double_vertical_bar ⏸️ black_square_for_stop ⏹️ record_button ⏺️
    red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 large_purple_circle 🟣
    white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_orange_square 🟧 large_yellow_square 🟨 large_green_square 🟩 large_blue_square 🟦
    small_red_triangle 🔺 small_red_triangle_down 🔻 small_blue_diamond 🔹 small_orange_diamond 🔸 large_blue_diamond 🔷 infinity ♾️
    one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 zero 0️⃣ hash #️⃣ flag-us 🇺🇸 flag-gb 🇬🇧 flag-de 🇩🇪 flag-fr 🇫🇷`,
};

/** group -> [[name, character]], in the order of the picker. */
export const EMOJI_GROUPS = Object.fromEntries(
  Object.entries(GROUPS).map(([group, text]) => {
    const words = text.split(/\s+/);
    return [group, words.filter((_, i) => i % 2 === 0).map((name, i) => [name, words[2 * i + 1]])];
  }),
);

const BY_NAME = new Map(Object.values(EMOJI_GROUPS).flat());

/** The character of a short name (a skin-tone suffix is dropped), or null. */
export function emoji(name) {
  return BY_NAME.get(String(name).split("::")[0]) ?? null;
}

/** Names whose short name contains `query`, best (prefix) first. */
export function searchEmoji(query, limit = 48) {
  const needle = query.trim().toLowerCase().replaceAll(":", "");
  const hits = [...BY_NAME].filter(([name]) => name.includes(needle));
  return hits.sort((a, b) => Number(b[0].startsWith(needle)) - Number(a[0].startsWith(needle))).slice(0, limit);
}
