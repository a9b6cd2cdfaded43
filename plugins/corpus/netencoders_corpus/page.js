// Moves the cursor of the picture of each row with its player, and the player to a clicked time.
"use strict";
const players = [...document.querySelectorAll("audio, video")];

for (const player of players) {
  const picture = player.closest("article").querySelector("svg[data-begin]");
  if (!picture) continue;
  const begin = Number(picture.dataset.begin);
  const length = Number(picture.dataset.end) - begin;
  const cursor = picture.querySelector(".cursor");
  const show = () => {
    const place = ((player.currentTime - begin) / length) * picture.viewBox.baseVal.width;
    cursor.setAttribute("transform", `translate(${place} 0)`);
  };
  const run = () => {
    show();
    if (!player.paused) requestAnimationFrame(run);
  };
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
    run();
  });
  for (const event of ["seeked", "timeupdate", "pause"]) player.addEventListener(event, show);
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    player.currentTime = Math.max(0, begin + ((event.clientX - box.left) / box.width) * length);
  });
}
