#!/bin/bash
# teacher, then student
cd /work/wt/train
echo 5 > /proc/$$/autogroup 2>/dev/null
renice 19 $$ >/dev/null
D=/work/shared/data
[ -f everyday_teacher.safetensors ] || ./weightroom.student train --recipe teacher.json --data $D/everyday.tar --others $D/others.tar --eval-split val --out everyday_teacher.safetensors --checkpoint teacher.checkpoint --resume --log >> teacher.log 2>&1
./weightroom.student train --recipe student.json --data $D/everyday.tar --others $D/others.tar --eval-split val --out everyday_student.safetensors --checkpoint student.checkpoint --resume --log >> student.log 2>&1
