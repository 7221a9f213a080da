"""What the console says of itself: the first lines and !help."""

from typing import Final

from adapters.console.club import CODE_OF_PURCHASE, CODE_OF_STAMP

BANNER: Final = """\
Bywalec demo: a small club in this terminal, with a clock of its own.
It is {now}.
People: ania bartek celina darek, marta (moderator), kasia (cashier),
olek (owner), nowy (has not joined yet). They meet in #klub.
Say who speaks, in private or in the group:
  ania: /balance
  kasia: /purchase @ania 49.90
  bartek#klub: Good morning, everybody!
Buttons are pressed by number: "nowy: /start", then "nowy: [1]", or just [1]:
a command or a number alone is by whoever spoke last.
!skip 1d moves the clock and does what falls due.
!help tells the rest, !quit ends.""".splitlines()

HELP: Final = f"""\
name: text             say it to the bot in private; what begins with / is a command, /help lists them
name#klub: text        say it in the group
name#klub: [photo]     post a photo in the group, with words under it if any follow
name: [2]              press the second button of the last message to that name
name#klub: [2]         press the second button of the last message in the group
name: [photo: PATH]    send a file as a photo, where one is asked for; name#klub: sends it to the group
/command or [2]        without a name: by whoever spoke last, where they did
name#klub: +👍         react to somebody else's last message in the group; -👍 takes it back
name: /claim CODE      use a code up: {CODE_OF_PURCHASE} is for a purchase, {CODE_OF_STAMP} for a stamp
!skip 7d               move the clock and do what falls due; also 30m, 12h, 2w, or 1d 12h
!at 2026-03-30 09:00   move the clock to a date and time, by the clock in Warsaw
!who                   list the people and their roles
!language pl           let everybody speak Polish (or en); the group's posts follow its /setup
!quit                  end; so does the end of the input. A line that begins with # is a remark""".splitlines()
