cp -r /usr/lib/python3.11/email . && find email -name '*.py' | sort | xargs sed -i 's/import/IMPORT/g; /^#/d' && cat email/*.py | sha256sum
